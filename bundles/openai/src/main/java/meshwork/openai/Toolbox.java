package meshwork.openai;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.ToolChoice;
import tools.jackson.databind.JsonNode;

/**
 * What a request says of tools.
 *
 * @param tools those that the model is told of; none if it may call none
 * @param parallel whether it may call several at once
 */
record Toolbox(List<Tool> tools, ToolChoice choice, boolean parallel) {

	/** As chat completions have it; before there were tools, there were {@code functions}. */
	static Toolbox ofChat(Fields fields) {
		if (fields.has("functions"))
			return ofFunctions(fields);
		UnaryOperator<Fields> function = each -> each.object("function").orElseThrow(() -> Refusal.missing(each.name("function")));
		return of(fields, function, each -> each.object("allowed_tools").orElseThrow(() -> Refusal.missing(each.name("allowed_tools"))));
	}

	/** As responses have it: what a function is, its tool says itself. */
	static Toolbox ofResponse(Fields fields) {
		return of(fields, UnaryOperator.identity(), UnaryOperator.identity());
	}

	private static Toolbox of(Fields fields, UnaryOperator<Fields> function, UnaryOperator<Fields> allowed) {
		List<Tool> tools = fields.objects("tools").stream().map(each -> tool(function(each, function))).toList();
		return choose(fields, "tool_choice", tools, fields.flag("parallel_tool_calls").orElse(true), choice -> {
			if (!choice.text("type").equals(Optional.of("allowed_tools")))
				return new ToolChoice(true, Set.of(name(function(choice, function))));
			Fields some = allowed.apply(choice);
			String mode = some.text("mode").orElse("auto");
			if (!mode.equals("auto") && !mode.equals("required"))
				throw some.wrong("mode", "is '%s': it has to be auto or required".formatted(mode));
			Set<String> names = some.objects("tools").stream().map(each -> name(function(each, function))).collect(Collectors.toSet());
			if (names.isEmpty())
				throw some.wrong("tools", "has to name a tool at least");
			return new ToolChoice(mode.equals("required"), names);
		});
	}

	private static Toolbox ofFunctions(Fields fields) {
		if (fields.has("tools"))
			throw fields.wrong("functions", "can't be used together with 'tools'");
		List<Tool> functions = fields.objects("functions").stream().map(Toolbox::tool).toList();
		return choose(fields, "function_call", functions, false, choice -> ToolChoice.of(name(choice)));
	}

	/** @param named reads a choice that names tools */
	private static Toolbox choose(Fields fields, String member, List<Tool> tools, boolean parallel, Function<Fields, ToolChoice> named) {
		Optional<JsonNode> asked = fields.any(member);
		ToolChoice choice = asked.filter(JsonNode::isObject).map(_ -> named.apply(fields.object(member).orElseThrow()))
				.orElseGet(() -> switch (fields.text(member).orElse("auto")) {
					case "auto", "none" -> ToolChoice.AUTO;
					case "required" -> ToolChoice.REQUIRED;
					case String other -> throw fields.wrong(member, "is '%s': it has to be one of none, auto, required, or an object".formatted(other));
				});
		if (choice.must() && tools.isEmpty())
			throw fields.wrong(member, "asks for a call, and the request has no tools");
		choice.only().stream().filter(name -> tools.stream().noneMatch(tool -> tool.name().equals(name))).findFirst().ifPresent(name -> {
			throw fields.wrong(member, "names '%s', which is none of the tools: %s".formatted(name,
					tools.stream().map(Tool::name).collect(Collectors.joining(", "))));
		});
		boolean none = asked.filter(JsonNode::isString).map(JsonNode::stringValue).equals(Optional.of("none"));
		// who names a tool wants one call of it
		boolean one = choice.must() && choice.only().size() == 1;
		return new Toolbox(none ? List.of() : tools, choice, parallel && !one);
	}

	private static Fields function(Fields fields, UnaryOperator<Fields> function) {
		String type = fields.text("type").orElseThrow(() -> Refusal.missing(fields.name("type")));
		if (!type.equals("function"))
			throw fields.unsupported("type", "is '%s', and only functions are understood".formatted(type));
		return function.apply(fields);
	}

	private static Tool tool(Fields function) {
		return new Tool(name(function), function.text("description").orElse(""), function.object("parameters").map(Fields::object).map(Json::map)
				.orElse(Map.of("type", "object", "properties", Map.of())));
	}

	private static String name(Fields function) {
		return function.text("name").filter(name -> !name.isBlank()).orElseThrow(() -> Refusal.missing(function.name("name")));
	}
}
