package meshwork.openai;

import java.util.ArrayList;
import java.util.List;

import meshwork.api.inference.Prompt;
import tools.jackson.databind.JsonNode;

/** Reads texts as OpenAI's API has them: a text, several texts, tokens, or several times tokens. */
final class Prompts {

	private Prompts() {
	}

	/** @param most that are possible */
	static List<Prompt> read(Fields fields, String member, int most) {
		JsonNode given = fields.required(member);
		if (given.isString())
			return List.of(new Prompt.Text(given.stringValue()));
		List<JsonNode> elements = fields.array(member);
		if (elements.isEmpty())
			throw fields.wrong(member, "has to have an element at least");
		if (elements.size() > most && !elements.getFirst().isNumber())
			throw fields.wrong(member, "has %d elements, and at most %d are possible".formatted(elements.size(), most));
		if (elements.stream().allMatch(JsonNode::isIntegralNumber))
			return List.of(tokens(fields, member, elements));
		var prompts = new ArrayList<Prompt>();
		for (JsonNode element : elements)
			if (element.isString())
				prompts.add(new Prompt.Text(element.stringValue()));
			else if (element.isArray() && !element.isEmpty())
				prompts.add(tokens(fields, member, List.copyOf(element.values())));
			else
				throw fields.wrong(member, "has to be a string, an array of strings, of tokens, or of arrays of tokens");
		return prompts;
	}

	private static Prompt tokens(Fields fields, String member, List<JsonNode> elements) {
		var tokens = new int[elements.size()];
		for (int i = 0; i < tokens.length; i++) {
			JsonNode element = elements.get(i);
			if (!element.isIntegralNumber() || !element.canConvertToInt() || element.intValue() < 0)
				throw fields.wrong(member, "has %s among its tokens".formatted(element));
			tokens[i] = element.intValue();
		}
		return new Prompt.Tokens(tokens);
	}
}
