package meshwork.chat;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import meshwork.jinja.Template;

/**
 * Gives a template the variables that every template gets.
 *
 * @param begin what the begin token is called, empty if there is none
 * @param end what the end token is called, empty if there is none
 */
record PromptWriter(Template template, String begin, String end, Clock clock) {

	/**
	 * Renders messages that have the form which the template expects.
	 *
	 * @param noTools leave {@code tools} out if there are none, rather than null
	 * @param more variables; those that every template gets can't be changed by them
	 */
	String write(List<Map<String, Object>> messages, List<Map<String, Object>> tools, boolean noTools, Map<String, Object> more,
			boolean open) {
		Map<String, Object> variables = new HashMap<>(more);
		variables.put("messages", messages);
		variables.put("tools", tools.isEmpty() ? null : tools);
		if (tools.isEmpty() && noTools) {
			variables.remove("tools");
		}
		variables.putIfAbsent("documents", null);
		variables.put("add_generation_prompt", open);
		variables.put("bos_token", begin);
		variables.put("eos_token", end);
		return template.render(variables, clock);
	}
}
