package meshwork.chat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.ChatTemplate;
import meshwork.api.chat.Conversation;
import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.chat.Message.ToolCall;
import meshwork.api.chat.ReplyFormat;
import meshwork.api.chat.ReplyRules;
import meshwork.chat.reply.LearnedReply;
import meshwork.jinja.Template;
import meshwork.jinja.TemplateError;

/** A compiled template with its dialect: puts conversations into the form in which templates expect them. */
final class JinjaChatTemplate implements ChatTemplate {

	private static final Template JSON = Template.compile("{{ value | tojson }}");

	private final PromptWriter prompts;
	private final Dialect dialect;
	private final LearnedReply learned;

	/** @param source of the template */
	JinjaChatTemplate(String source, PromptWriter prompts, Dialect dialect) {
		this.prompts = prompts;
		this.dialect = dialect;
		learned = LearnedReply.of(this::render, source);
	}

	@Override
	public String render(Conversation conversation, boolean open) {
		List<Map<String, Object>> tools = conversation.tools().stream().map(JinjaChatTemplate::tool).toList();
		List<Message> messages = tools.isEmpty() || dialect.tools() ? conversation.messages()
				: Hermes.told(conversation, tools, !dialect.calls().shown(), dialect.system());
		try {
			return prompts.write(messages(messages), tools, dialect.noTools(), conversation.variables(), open);
		} catch (TemplateError e) {
			throw new ChatRejected(e.kind() == TemplateError.Kind.RAISED ? e.getMessage()
					: "the model's chat template can't render this conversation: " + e.getMessage(), e);
		} catch (IllegalArgumentException e) {
			throw new ChatRejected("the model's chat template can't be given this conversation: " + e.getMessage(), e);
		}
	}

	@Override
	public ReplyFormat reply(Conversation conversation, ReplyRules rules, String prompt) {
		return rules.plain() ? new PlainReply(rules.form()) : learned.format(conversation, rules, prompt);
	}

	private List<Map<String, Object>> messages(List<Message> messages) {
		List<Map<String, Object>> all = new ArrayList<>(messages.size());
		Map<String, String> called = new HashMap<>();
		for (Message message : messages) {
			message.toolCalls().forEach(call -> called.put(call.id(), call.name()));
			all.add(message(message, called));
		}
		return all;
	}

	/** @param called names of tools by the ids of calls: templates show which tool answers, clients often say only which call */
	private Map<String, Object> message(Message message, Map<String, String> called) {
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("role", message.role().equals("developer") && !dialect.developers() ? "system" : message.role());
		fields.put("content", content(message));
		message.reasoning().ifPresent(thoughts -> fields.put(dialect.reasoning(), thoughts));
		message.toolCallId().ifPresent(id -> fields.put("tool_call_id", id));
		message.name().or(() -> message.toolCallId().map(called::get)).ifPresent(name -> fields.put("name", name));
		if (!message.toolCalls().isEmpty()) {
			fields.put("tool_calls", message.toolCalls().stream().map(this::call).toList());
		}
		return fields;
	}

	private Object content(Message message) {
		if (dialect.calls().nullContent() && message.content().isEmpty() && !message.toolCalls().isEmpty()) {
			return null;
		}
		return dialect.parts() ? message.content().stream().map(JinjaChatTemplate::part).toList() : message.text();
	}

	private static Map<String, Object> part(Part part) {
		return switch (part) {
			case Part.Text(var text) -> Map.of("type", "text", "text", text);
		};
	}

	private Map<String, Object> call(ToolCall call) {
		Object arguments = dialect.calls().argumentsAsText() ? JSON.render(Map.of("value", call.arguments())) : call.arguments();
		Map<String, Object> function = new LinkedHashMap<>();
		function.put("name", call.name());
		function.put("arguments", arguments);
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("id", call.id());
		fields.put("type", "function");
		fields.put("function", function);
		return fields;
	}

	private static Map<String, Object> tool(Tool tool) {
		Map<String, Object> function = new LinkedHashMap<>();
		function.put("name", tool.name());
		function.put("description", tool.description());
		function.put("parameters", tool.parameters());
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("type", "function");
		fields.put("function", function);
		return fields;
	}
}
