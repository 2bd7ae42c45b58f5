package meshwork.chat.reply;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A value written as elements, one for each member or item, with a mark at the beginning of every tag. Written again as JSON. */
final class Elements {

	static final String ITEM = "item";

	private final String mark;

	/** @param mark what every tag begins with, up to its bracket */
	Elements(String mark) {
		this.mark = mark;
	}

	private record Element(String name, String inner) {
	}

	/** @param schema tells texts from other values, and lists from objects */
	String json(String text, Map<?, ?> schema) {
		Object type = schema.containsKey("type") ? schema.get("type") : "";
		List<Element> elements = elements(text);
		boolean list = type.equals("array") || !type.equals("object") && !elements.isEmpty() && elements.stream().allMatch(it -> it.name.equals(ITEM));
		var json = new ArrayList<String>();
		for (Element element : elements)
			json.add(list ? json(element.inner, within(schema, "items"))
					: Values.quoted(element.name) + ": " + json(element.inner, within(within(schema, "properties"), element.name)));
		if (!elements.isEmpty() || text.isBlank() && (list || type.equals("object")))
			return (list ? "[" : "{") + String.join(", ", json) + (list ? "]" : "}");
		return type.equals("string") ? Values.quoted(text) : Values.json(text.strip()).orElseGet(() -> Values.quoted(text));
	}

	private static Map<?, ?> within(Map<?, ?> schema, String key) {
		return schema.get(key) instanceof Map<?, ?> inner ? inner : Map.of();
	}

	/** The outermost; one that was cut off ends with the text. */
	private List<Element> elements(String text) {
		var elements = new ArrayList<Element>();
		int depth = 0;
		int start = 0;
		String name = "";
		for (int tag = text.indexOf(mark); tag >= 0; tag = text.indexOf(mark, tag + 1)) {
			int end = text.indexOf('>', tag + mark.length());
			if (end < 0)
				break;
			if (text.charAt(tag + mark.length()) == '/')
				depth--;
			else if (depth++ == 0) {
				name = text.substring(tag + mark.length(), end);
				start = end + 1;
			}
			if (depth == 0)
				elements.add(new Element(name, text.substring(start, tag)));
		}
		if (depth > 0)
			elements.add(new Element(name, text.substring(start)));
		return elements;
	}
}
