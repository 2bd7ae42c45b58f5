package meshwork.openai;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.Conversation;
import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.Grammars;
import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.chat.Message.ToolCall;
import meshwork.api.chat.ReplyRules;
import meshwork.api.chat.ToolChoice;

/** Reads conversations as Anthropic's API has them: in blocks of text, thoughts, calls, and what calls gave. */
final class AnthropicConversations {

	/** Begins what a coding agent says to its bill, other each time: it would keep all that follows from being remembered. */
	private static final Pattern BILLING = Pattern.compile("\\Ax-anthropic-billing-header:[^\\n]*?cch=[^;\\n]*;\\s*");

	private final List<Message> messages = new ArrayList<>();
	/** Names of the tools that were called, by the names of the calls. */
	private final Map<String, String> called = new HashMap<>();

	private AnthropicConversations() {
	}

	static Conversation read(Fields fields) {
		fields.required("messages");
		var read = new AnthropicConversations();
		system(fields).ifPresent(read.messages::add);
		List<Fields> messages = fields.objects("messages");
		if (messages.isEmpty())
			throw fields.wrong("messages", "has to have a message at least");
		messages.forEach(read::message);
		List<Tool> tools = choice(fields).equals("none") ? List.of() : fields.objects("tools").stream().map(AnthropicConversations::tool).toList();
		return new Conversation(read.messages, tools, variables(fields));
	}

	/** What the reply has to be like. */
	static ReplyRules rules(Fields fields, Grammars grammars) {
		Optional<Fields> given = fields.object("tool_choice");
		ToolChoice choice = switch (choice(fields)) {
			case "auto", "none" -> ToolChoice.AUTO;
			case "any" -> ToolChoice.REQUIRED;
			case "tool" -> ToolChoice.of(tool(fields, given.orElseThrow()));
			default -> throw given.orElseThrow().wrong("type", "is '%s': it has to be one of auto, any, tool, none".formatted(choice(fields)));
		};
		if (choice.must() && fields.array("tools").isEmpty())
			throw fields.wrong("tool_choice", "asks for a call, and there are no tools");
		boolean one = given.flatMap(each -> each.flag("disable_parallel_tool_use")).orElse(false);
		return new ReplyRules(choice, !one, form(fields, grammars), false);
	}

	private static String choice(Fields fields) {
		return fields.object("tool_choice").map(choice -> needed(choice, "type")).orElse("auto");
	}

	private static String tool(Fields fields, Fields choice) {
		String name = needed(choice, "name");
		if (fields.objects("tools").stream().noneMatch(tool -> tool.text("name").equals(Optional.of(name))))
			throw choice.wrong("name", "is '%s', and there is no such tool".formatted(name));
		return name;
	}

	private static Optional<String> form(Fields fields, Grammars grammars) {
		return fields.object("output_config").flatMap(config -> config.object("format")).or(() -> fields.object("output_format")).map(format -> {
			String type = needed(format, "type");
			if (!type.equals("json_schema"))
				throw format.wrong("type", "is '%s': it has to be json_schema".formatted(type));
			Fields schema = format.object("schema").orElseThrow(() -> Refusal.missing(format.name("schema")));
			try {
				return grammars.ofSchema(Json.map(schema.object()));
			} catch (ChatRejected e) {
				throw Refusal.invalid(schema.path(), "invalid_value", e.getMessage());
			}
		});
	}

	/** Whether the model is to think before it speaks. */
	static boolean thinks(Fields fields) {
		return fields.object("thinking").map(thinking -> switch (needed(thinking, "type")) {
			case "enabled", "adaptive", "between_tools" -> true;
			case "disabled" -> false;
			default -> throw thinking.wrong("type", "has to be one of enabled, adaptive, disabled");
		}).orElse(false);
	}

	/** What templates call it; models that can't help thinking do it all the same. */
	private static Map<String, Object> variables(Fields fields) {
		boolean thinks = thinks(fields);
		var variables = new HashMap<String, Object>(Map.of("enable_thinking", thinks, "thinking", thinks));
		fields.object("output_config").flatMap(config -> config.text("effort")).ifPresent(effort -> variables.put("reasoning_effort",
				switch (effort) {
					case "low", "medium" -> effort;
					default -> "high";
				}));
		return variables;
	}

	private static Optional<Message> system(Fields fields) {
		return fields.any("system").map(system -> {
			String text = system.isString() ? BILLING.matcher(system.stringValue()).replaceFirst("") : "";
			List<Part> parts = system.isString() ? text.isEmpty() ? List.of() : List.of(new Part.Text(text))
					: fields.objects("system").stream().map(AnthropicConversations::text).map(each -> BILLING.matcher(each).replaceFirst(""))
							.filter(each -> !each.isEmpty()).<Part>map(Part.Text::new).toList();
			return message("system", parts);
		}).filter(message -> !message.content().isEmpty());
	}

	private void message(Fields fields) {
		String role = needed(fields, "role");
		if (!List.of("user", "assistant", "system").contains(role))
			throw fields.wrong("role", "is '%s': it has to be one of user, assistant, system".formatted(role));
		if (fields.required("content").isString())
			messages.add(new Message(role, fields.required("content").stringValue()));
		else if (role.equals("assistant"))
			messages.add(assistant(fields.objects("content")));
		else
			other(role, fields.objects("content"));
	}

	/** What calls gave are messages of their own. */
	private void other(String role, List<Fields> blocks) {
		var said = new ArrayList<Part>();
		for (Fields block : blocks)
			if (needed(block, "type").equals("tool_result")) {
				if (!said.isEmpty())
					messages.add(message(role, said));
				said.clear();
				messages.add(result(block));
			} else {
				said.add(new Part.Text(text(block)));
			}
		if (!said.isEmpty())
			messages.add(message(role, said));
	}

	private Message result(Fields block) {
		String call = needed(block, "tool_use_id");
		String text = !block.has("content") ? "" : block.required("content").isString() ? block.required("content").stringValue()
				: String.join("\n", block.objects("content").stream().map(AnthropicConversations::text).toList());
		boolean failed = block.flag("is_error").orElse(false);
		return new Message("tool", List.of(new Part.Text(failed ? "Error: " + text : text)), Optional.ofNullable(called.get(call)), List.of(),
				Optional.of(call), Optional.empty());
	}

	private Message assistant(List<Fields> blocks) {
		var said = new ArrayList<Part>();
		var calls = new ArrayList<ToolCall>();
		var thoughts = new ArrayList<String>();
		for (Fields block : blocks)
			switch (needed(block, "type")) {
				case "thinking" -> thoughts.add(needed(block, "thinking"));
				case "redacted_thinking" -> {
				}
				case "tool_use" -> {
					var call = new ToolCall(needed(block, "id"), needed(block, "name"),
							block.object("input").map(Fields::object).map(Json::map).orElse(Map.of()));
					called.put(call.id(), call.name());
					calls.add(call);
				}
				default -> said.add(new Part.Text(text(block)));
			}
		return new Message("assistant", said, Optional.empty(), calls, Optional.empty(),
				thoughts.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", thoughts)));
	}

	/** The words of a block that has some. */
	private static String text(Fields block) {
		String type = needed(block, "type");
		if (type.equals("text"))
			return needed(block, "text");
		Optional<Fields> source = block.object("source").filter(each -> each.text("type").equals(Optional.of("text")));
		if (type.equals("document") && source.isPresent())
			return needed(source.get(), "data");
		throw block.unsupported("type", "is '%s', and only text is understood".formatted(type));
	}

	private static Message message(String role, List<Part> parts) {
		return new Message(role, parts, Optional.empty(), List.of(), Optional.empty(), Optional.empty());
	}

	private static Tool tool(Fields fields) {
		fields.text("type").filter(type -> !type.equals("custom")).ifPresent(type -> {
			throw fields.unsupported("type", "is '%s', which Anthropic runs itself: only tools with an input_schema are understood".formatted(type));
		});
		return new Tool(needed(fields, "name"), fields.text("description").orElse(""),
				Json.map(fields.object("input_schema").orElseThrow(() -> Refusal.missing(fields.name("input_schema"))).object()));
	}

	private static String needed(Fields fields, String member) {
		return fields.text(member).orElseThrow(() -> Refusal.missing(fields.name(member)));
	}
}
