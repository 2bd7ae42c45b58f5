package meshwork.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.jinja.Template;

/** Tells a model of tools whose template doesn't: in words, as Hermes models know them. */
final class Hermes {

	private static final Template TOOLS = Template.compile("You may call these functions; their signatures are JSON Schemas:\n<tools>"
			+ "{% for tool in tools %}{{ '\n' + tool | tojson }}{% endfor %}{{ '\n' }}</tools>");
	private static final String FORM = "\n\nA call is a JSON object within <tool_call></tool_call> tags:\n"
			+ "<tool_call>\n{\"name\": <function name>, \"arguments\": <object of arguments>}\n</tool_call>";
	private static final Template CALLS = Template.compile("{% for call in calls %}{{ '\n' if not loop.first }}<tool_call>{{ '\n' }}"
			+ "{\"name\": {{ call.name | tojson }}, \"arguments\": {{ call.arguments | tojson }}}{{ '\n' }}</tool_call>{% endfor %}");

	private Hermes() {
	}

	/**
	 * @param tools as templates are given them
	 * @param calls calls and answers are told in words too
	 * @param system the template knows of the role; elsewhere the first message has the tools
	 */
	static List<Message> told(Conversation conversation, List<Map<String, Object>> tools, boolean calls, boolean system) {
		String words = TOOLS.render(Map.of("tools", tools)) + (calls ? FORM : "");
		var messages = new ArrayList<Message>();
		boolean answered = false;
		for (Message message : conversation.messages()) {
			boolean answers = calls && message.role().equals("tool");
			String answer = "<tool_response>\n" + message.text() + "\n</tool_response>";
			if (answers)
				messages.add(new Message("user", answered ? messages.removeLast().text() + "\n" + answer : answer));
			else
				messages.add(calls && !message.toolCalls().isEmpty() ? called(message) : message);
			answered = answers;
		}
		Message first = messages.isEmpty() ? new Message("system", "") : messages.getFirst();
		boolean begins = !system || first.role().equals("system") || first.role().equals("developer");
		if (begins && !messages.isEmpty())
			messages.removeFirst();
		messages.addFirst(begins ? with(first, system && !first.text().isEmpty() ? first.text() + "\n\n" + words : words + (first.text().isEmpty() ? ""
				: "\n\n" + first.text())) : new Message("system", words));
		return messages;
	}

	private static Message called(Message message) {
		String calls = CALLS.render(Map.of("calls", message.toolCalls().stream().map(call -> Map.of("name", call.name(), "arguments", call
				.arguments())).toList()));
		var said = with(message, message.text().isEmpty() ? calls : message.text() + "\n" + calls);
		return new Message(said.role(), said.content(), said.name(), List.of(), Optional.empty(), said.reasoning());
	}

	private static Message with(Message message, String text) {
		return new Message(message.role(), List.of(new Part.Text(text)), message.name(), message.toolCalls(), message.toolCallId(), message.reasoning());
	}
}
