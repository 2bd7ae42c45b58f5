package meshwork.chat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import meshwork.jinja.TemplateError;

/**
 * What a template expects where templates differ. Found out once, by showing it small conversations and looking for what
 * was said in what it makes of them.
 *
 * @param parts content is a list of parts, not a string
 * @param noTools without tools the variable {@code tools} is left out, not null
 * @param calls how it shows the calls of tools
 * @param reasoning what the assistant's thoughts are called
 * @param developers the role {@code developer} is known; elsewhere it is {@code system}
 * @param tools it tells of tools
 * @param system the role {@code system} is known
 */
record Dialect(boolean parts, boolean noTools, Calls calls, String reasoning, boolean developers, boolean tools, boolean system) {

	/**
	 * How calls of tools have to look.
	 *
	 * @param nullContent a message of calls alone has null for content, not an empty one
	 * @param argumentsAsText arguments are JSON in a string, not an object
	 * @param shown they show at all
	 */
	record Calls(boolean nullContent, boolean argumentsAsText, boolean shown) {
	}

	private static final String NEEDLE = "n33dle";
	private static final List<Calls> CALLS = List.of(new Calls(false, false, true), new Calls(true, false, true), new Calls(false, true, true),
			new Calls(true, true, true));

	static Dialect of(String source, PromptWriter prompts) {
		boolean noTools = !asks(prompts, NEEDLE, false) && asks(prompts, NEEDLE, true);
		boolean parts = !asks(prompts, NEEDLE, noTools) && asks(prompts, parts(NEEDLE), noTools);
		return new Dialect(parts, noTools, calls(prompts, parts, noTools), reasoning(source), source.contains("developer"),
				tools(prompts, parts), system(prompts, parts, noTools));
	}

	/** Whether a tool shows; where the template refuses this one, nobody knows. */
	private static boolean tools(PromptWriter prompts, boolean parts) {
		Map<String, Object> function = Map.of("name", NEEDLE, "description", NEEDLE, "parameters", Map.of("type", "object", "properties", Map.of()));
		try {
			return prompts.write(List.of(Map.of("role", "user", "content", parts ? parts("?") : "?")), List.of(Map.of("type", "function", "function", function)),
					false, Map.of(), false).contains(NEEDLE);
		} catch (TemplateError refused) {
			return true;
		}
	}

	private static boolean system(PromptWriter prompts, boolean parts, boolean noTools) {
		return tried(prompts, List.of(Map.of("role", "system", "content", parts ? parts(NEEDLE) : NEEDLE), Map.of("role", "user", "content", parts
				? parts("?") : "?")), noTools).filter(prompt -> prompt.contains(NEEDLE)).isPresent();
	}

	/** Whether a question shows. */
	private static boolean asks(PromptWriter prompts, Object content, boolean noTools) {
		return tried(prompts, List.of(Map.of("role", "user", "content", content)), noTools).filter(prompt -> prompt.contains(NEEDLE))
				.isPresent();
	}

	private static Optional<String> tried(PromptWriter prompts, List<Map<String, Object>> messages, boolean noTools) {
		try {
			return Optional.of(prompts.write(messages, List.of(), noTools, Map.of(), false));
		} catch (TemplateError refused) {
			return Optional.empty();
		}
	}

	private static List<Map<String, Object>> parts(String text) {
		return List.of(Map.of("type", "text", "text", text));
	}

	/** The first way that shows a call; in single quotes, as Python prints an object that should have been text, only if no other does. */
	private static Calls calls(PromptWriter prompts, boolean parts, boolean noTools) {
		Calls quoted = null;
		for (Calls calls : CALLS) {
			String prompt = tried(prompts, call(calls, parts), noTools).orElse("");
			if (prompt.contains(NEEDLE) && !prompt.contains("'" + NEEDLE + "'")) {
				return calls;
			}
			quoted = quoted == null && prompt.contains(NEEDLE) ? calls : quoted;
		}
		return quoted == null ? new Calls(false, false, false) : quoted;
	}

	private static List<Map<String, Object>> call(Calls calls, boolean parts) {
		Map<String, Object> message = new HashMap<>();
		message.put("role", "assistant");
		message.put("content", calls.nullContent() ? null : parts ? List.of() : "");
		message.put("tool_calls", List.of(Map.of("type", "function", "id", "call00001", "function", Map.of("name", "try", "arguments",
				calls.argumentsAsText() ? "{\"argument\": \"" + NEEDLE + "\"}" : Map.of("argument", NEEDLE)))));
		return List.of(Map.of("role", "user", "content", parts ? parts("?") : "?"), message);
	}

	private static String reasoning(String source) {
		return source.contains("reasoning_content") ? "reasoning_content"
				: source.contains("message.thinking") || source.contains("['thinking']") ? "thinking"
				: source.contains("message.reasoning") || source.contains("['reasoning']") ? "reasoning" : "reasoning_content";
	}
}
