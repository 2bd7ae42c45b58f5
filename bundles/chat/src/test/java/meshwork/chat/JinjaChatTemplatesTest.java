package meshwork.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.Conversation;
import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.chat.Message.ToolCall;

/** Templates of our own, in the shapes that models carry. */
class JinjaChatTemplatesTest {

	private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-05T14:07:09Z"), ZoneOffset.UTC);

	private static final String CHATML = """
			{% for message in messages %}
			{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
			{%- endfor %}
			{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
			""";

	private static final String HEADERS = """
			{{- bos_token }}
			{%- set date_string = date_string if date_string is defined else strftime_now("%d %b %Y") %}
			{%- if messages[0]['role'] == 'system' %}
			    {%- set system_message = messages[0]['content']|trim %}
			    {%- set messages = messages[1:] %}
			{%- else %}
			    {%- set system_message = "" %}
			{%- endif %}
			{{- "<|start_header_id|>system<|end_header_id|>\\n\\nToday Date: " + date_string + "\\n\\n" }}
			{%- if tools is not none %}
			    {%- for t in tools %}
			        {{- t | tojson(indent=4) }}
			        {{- "\\n\\n" }}
			    {%- endfor %}
			{%- endif %}
			{{- system_message }}
			{{- "<|eot_id|>" }}
			{%- for message in messages %}
			    {%- if 'tool_calls' in message %}
			        {%- if not message.tool_calls|length == 1 %}
			            {{- raise_exception("This model only supports single tool-calls at once!") }}
			        {%- endif %}
			        {%- set tool_call = message.tool_calls[0].function %}
			        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n{"name": "' + tool_call.name + '", "parameters": ' }}
			        {{- tool_call.arguments | tojson }}
			        {{- "}<|eot_id|>" }}
			    {%- elif message.role == "tool" %}
			        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" + message.content + "<|eot_id|>" }}
			    {%- else %}
			        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
			    {%- endif %}
			{%- endfor %}
			{%- if add_generation_prompt %}
			    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
			{%- endif %}
			""";

	private static final String INSTRUCTIONS = """
			{{- bos_token }}
			{%- for message in messages %}
			    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
			        {{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
			    {%- endif %}
			    {%- if message['role'] == 'user' %}
			        {{- '[INST] ' + message['content'] + ' [/INST]' }}
			    {%- else %}
			        {{- ' ' + message['content'] + eos_token }}
			    {%- endif %}
			{%- endfor %}
			""";

	private final JinjaChatTemplates templates = new JinjaChatTemplates(CLOCK);

	private String prompt(String source, Conversation conversation) {
		return templates.compile(source, "<s>", "</s>").render(conversation, true);
	}

	private static Conversation turns(String... turns) {
		List<Message> messages = new ArrayList<>();
		for (int i = 0; i < turns.length; i += 2) {
			messages.add(new Message(turns[i], turns[i + 1]));
		}
		return new Conversation(messages);
	}

	private static Conversation called(Map<String, Object> arguments, List<Tool> tools) {
		return new Conversation(List.of(new Message("user", "Weather?"),
				new Message("assistant", List.of(), Optional.empty(), List.of(new ToolCall("call00001", "weather", arguments)),
						Optional.empty(), Optional.empty()),
				new Message("tool", List.of(new Part.Text("rain")), Optional.empty(), List.of(), Optional.of("call00001"),
						Optional.empty())),
				tools, Map.of());
	}

	private static final Tool WEATHER = new Tool("weather", "Tells \"it\"", Map.of("type", "object"));

	@Test
	void aModelWithoutATemplateGetsChatMl() {
		assertEquals("""
				<|im_start|>system
				Be brief.<|im_end|>
				<|im_start|>user
				Hi<|im_end|>
				<|im_start|>assistant
				""", prompt("", turns("system", "Be brief.", "user", "Hi")));
	}

	@Test
	void chatMlOffersToolsAndShowsCallsAndAnswers() {
		assertEquals("""
				<|im_start|>system
				You may call these functions; their signatures are JSON Schemas:
				<tools>
				{"type": "function", "function": {"name": "weather", "description": "Tells \\"it\\"", "parameters": {"type": "object"}}}
				</tools>

				A call is a JSON object within <tool_call></tool_call> tags:
				<tool_call>
				{"name": <function name>, "arguments": <object of arguments>}
				</tool_call><|im_end|>
				<|im_start|>user
				Weather?<|im_end|>
				<|im_start|>assistant
				<tool_call>
				{"name": "weather", "arguments": {"city": "Köln"}}
				</tool_call><|im_end|>
				<|im_start|>user
				<tool_response>
				rain
				</tool_response><|im_end|>
				<|im_start|>assistant
				""", prompt("", called(Map.of("city", "Köln"), List.of(WEATHER))));
	}

	@Test
	void aChatMlTemplateOfAModelIsRenderedAsItIs() {
		assertEquals("<|im_start|>user\nHi {{ x }}<|im_end|>\n<|im_start|>assistant\n", prompt(CHATML, turns("user", "Hi {{ x }}")));
	}

	@Test
	void aClosedPromptEndsWithTheLastTurn() {
		assertEquals("<|im_start|>user\nHi<|im_end|>\n", templates.compile(CHATML, "", "").render(turns("user", "Hi"), false));
	}

	@Test
	void aTemplateKnowsTheDateAndTheTokens() {
		assertEquals("<s><|start_header_id|>system<|end_header_id|>\n\nToday Date: 05 Mar 2026\n\nBe brief.<|eot_id|>"
				+ "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
				prompt(HEADERS, turns("system", "Be brief. ", "user", " Hi ")));
		assertEquals("<s>[INST] a [/INST] b</s>[INST] c [/INST]", prompt(INSTRUCTIONS, turns("user", "a", "assistant", "b", "user", "c")));
	}

	@Test
	void aVariableOfTheConversationReachesTheTemplate() {
		var conversation = new Conversation(List.of(new Message("user", "Hi")), List.of(), Map.of("date_string", "today", "messages", "no"));
		assertTrue(prompt(HEADERS, conversation).contains("Today Date: today\n"));
	}

	@Test
	void toolsAndArgumentsKeepTheirOrder() {
		Map<String, Object> arguments = new LinkedHashMap<>();
		arguments.put("z", 1);
		arguments.put("a", List.of(true, 2.5));
		String prompt = prompt(HEADERS, called(arguments, List.of(WEATHER)));
		assertTrue(prompt.contains("""
				{
				    "type": "function",
				    "function": {
				        "name": "weather",
				"""), prompt);
		assertTrue(prompt.contains("{\"name\": \"weather\", \"parameters\": {\"z\": 1, \"a\": [true, 2.5]}}<|eot_id|>"
				+ "<|start_header_id|>ipython<|end_header_id|>\n\nrain<|eot_id|>"), prompt);
	}

	@Test
	void aTemplateThatConcatenatesArgumentsGetsThemAsText() {
		String source = """
				{% for m in messages %}{{ m.role + ':' + m.content }}{% for call in m.tool_calls or [] %}
				{{- call.function.name + call.function.arguments }}{% endfor %};{% endfor %}""";
		assertEquals("user:Weather?;assistant:weather{\"city\": \"Köln\"};tool:rain;", prompt(source, called(Map.of("city", "Köln"), List.of())));
	}

	@Test
	void aTemplateThatPrintsArgumentsGetsThemAsText() {
		String source = "{% for m in messages %}{{ m.content }}{% for c in m.tool_calls or [] %}{{ c.function.arguments }}{% endfor %}{% endfor %}";
		assertEquals("Weather?{\"city\": \"Köln\"}rain", prompt(source, called(Map.of("city", "Köln"), List.of())));
	}

	@Test
	void aTemplateThatShowsCallsOnlyWithoutContentGetsNone() {
		String source = """
				{% for m in messages %}{% if m.content is none %}{{ m.tool_calls[0].function.arguments | tojson }}
				{%- else %}{{ m.content }}{% endif %}{% endfor %}""";
		assertEquals("Weather?{\"city\": \"Köln\"}rain", prompt(source, called(Map.of("city", "Köln"), List.of())));
	}

	@Test
	void aTemplateThatWalksToolsUnaskedIsGivenNoneOfThem() {
		String source = "{% for tool in tools %}{{ tool.function.name }} {% endfor %}{% for m in messages %}{{ m.content }}{% endfor %}";
		assertEquals("Hi", prompt(source, turns("user", "Hi")));
		assertEquals("weather Hi", prompt(source, new Conversation(List.of(new Message("user", "Hi")), List.of(WEATHER), Map.of())));
	}

	@Test
	void aTemplateThatWalksPartsGetsParts() {
		String source = "{% for m in messages %}{% for part in m.content %}[{{ part.text }}]{% endfor %}{% endfor %}";
		var message = new Message("user", List.of(new Part.Text("a"), new Part.Text("b")), Optional.empty(), List.of(), Optional.empty(),
				Optional.empty());
		assertEquals("[a][b]", prompt(source, new Conversation(List.of(message))));
		assertEquals("<|im_start|>user\nab<|im_end|>\n<|im_start|>assistant\n", prompt(CHATML, new Conversation(List.of(message))));
	}

	@Test
	void aToolsAnswerCarriesTheNameOfTheToolThatWasCalled() {
		String source = "{% for m in messages %}{{ m.content }}{{ m.name }} {% endfor %}{{ messages[1].tool_calls[0].function.arguments }}";
		assertTrue(prompt(source, called(Map.of(), List.of())).startsWith("Weather?  rainweather "));
	}

	@Test
	void thoughtsGoByTheNameThatTheTemplateUses() {
		var thought = new Message("assistant", List.of(new Part.Text("4")), Optional.empty(), List.of(), Optional.empty(), Optional.of("2+2"));
		var conversation = new Conversation(List.of(new Message("user", "?"), thought));
		for (String name : List.of("reasoning_content", "thinking", "reasoning")) {
			assertEquals("2+24", prompt("{% for message in messages if message.role == 'assistant' %}{{ message." + name
					+ " }}{{ message.content }}{% endfor %}", conversation));
		}
	}

	@Test
	void aDeveloperIsTheSystemWhereTheTemplateDoesNotKnowOne() {
		assertTrue(prompt(CHATML, turns("developer", "Be brief.", "user", "Hi")).startsWith("<|im_start|>system\n"));
		assertTrue(prompt("{# developer #}" + CHATML, turns("developer", "Be brief.")).startsWith("<|im_start|>developer\n"));
	}

	@Test
	void aTemplateRefusesInItsOwnWords() {
		var refused = assertThrows(ChatRejected.class, () -> prompt(INSTRUCTIONS, turns("user", "a", "user", "b")));
		assertEquals("Conversation roles must alternate user/assistant/user/assistant/...", refused.getMessage());
	}

	@Test
	void aConstructThatIsNotKnownIsRefusedByName() {
		var refused = assertThrows(ChatRejected.class, () -> templates.compile("a\n{% include 'x' %}", "", ""));
		assertEquals("the model's chat template can't be compiled: line 2: the tag 'include' is not supported", refused.getMessage());
	}

	@Test
	void aFaultOfTheTemplateIsToldWithItsLine() {
		var refused = assertThrows(ChatRejected.class, () -> prompt("\n{{ messages[0].content.nope.more }}", turns("user", "a")));
		assertEquals("the model's chat template can't render this conversation: line 2: 'str object' has no attribute 'nope'",
				refused.getMessage());
	}

	private static final Tool ADD = new Tool("add", "Adds", Map.of("type", "object", "properties", Map.of("a", Map.of("type", "integer"))));

	private static Conversation added(List<Message> before) {
		var messages = new ArrayList<>(before);
		messages.add(new Message("user", "1 + 1?"));
		messages.add(new Message("assistant", List.of(), Optional.empty(), List.of(new ToolCall("call00001", "add", Map.of("a", 1)), new ToolCall("call00002",
				"add", Map.of("a", 2))), Optional.empty(), Optional.empty()));
		messages.add(new Message("tool", List.of(new Part.Text("one")), Optional.empty(), List.of(), Optional.of("call00001"), Optional.empty()));
		messages.add(new Message("tool", List.of(new Part.Text("two")), Optional.empty(), List.of(), Optional.of("call00002"), Optional.empty()));
		return new Conversation(messages, List.of(ADD), Map.of());
	}

	@Test
	void aTemplateThatKnowsOfNoToolsIsGivenThemInWords() {
		String prompt = prompt(CHATML, added(List.of(new Message("system", "Be kind."))));
		assertTrue(prompt.startsWith("<|im_start|>system\nBe kind.\n\nYou may call"), prompt);
		assertTrue(prompt.contains("<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"add\", "), prompt);
		assertTrue(prompt.contains("<|im_start|>assistant\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>\n<tool_call>\n"), prompt);
		assertTrue(prompt.contains("<|im_start|>user\n<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response><|im_end|>"), prompt);
		assertTrue(prompt(CHATML, added(List.of())).startsWith("<|im_start|>system\nYou may call"));
	}

	@Test
	void theFirstMessageHasTheToolsWhereThereIsNoRoleForThem() {
		String prompt = prompt(INSTRUCTIONS, added(List.of()));
		assertTrue(prompt.contains("[INST] You may call"), prompt);
		assertTrue(prompt.contains("</tool_call>\n\n1 + 1? [/INST] <tool_call>\n"), prompt);
	}

	@Test
	void aTemplateThatTellsOfToolsIsTrusted() {
		String prompt = prompt(HEADERS, new Conversation(List.of(new Message("user", "?")), List.of(ADD), Map.of()));
		assertTrue(prompt.contains("\"add\"") && !prompt.contains("You may call"), prompt);
	}
}
