package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.Message;
import meshwork.api.chat.ReplyRules;
import meshwork.api.chat.ToolChoice;
import meshwork.api.inference.Prompt;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;

/** Tools, calls and thoughts in chat completions: what a model is told of them, and how its reply is told of. */
@Timeout(60)
class ToolCallsTest {

	private static final String TOOLS = """
			"tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}},
			  {"type": "function", "function": {"name": "clock"}}]""";

	@AutoClose
	private static final ApiServer api = new ApiServer();

	private static Answer ask(String model, String members) {
		return api.post("/v1/chat/completions", """
				{"model": "%s", "messages": [{"role": "user", "content": "Hi"}]%s}""".formatted(model, members.isEmpty() ? "" : ", " + members));
	}

	private static JsonNode choice(Answer answer) {
		assertEquals(200, answer.status(), answer.response()::body);
		return answer.json().get("choices").get(0);
	}

	/** What the chunks of a stream add, chunk by chunk. */
	private static List<JsonNode> deltas(Answer answer) {
		assertTrue(answer.done());
		return answer.events().stream().map(event -> event.get("choices").get(0).get("delta")).toList();
	}

	private static Prompt.Chat asked() {
		return (Prompt.Chat) api.inference.last().prompt();
	}

	private static ReplyRules rules(String members) {
		assertEquals(200, ask("scripted", members).status());
		return asked().rules();
	}

	@Test
	void callsAreToldOfWholeWithTheirThoughts() {
		JsonNode choice = choice(ask("calling", TOOLS));

		assertEquals(ApiServer.json("""
				{"role": "assistant", "content": null, "refusal": null, "annotations": [], "reasoning_content": "Hm.", "tool_calls": [
				  {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\\"city\\":\\"Bern\\"}"}},
				  {"id": "call_2", "type": "function", "function": {"name": "clock", "arguments": "{}"}}]}"""), choice.get("message"));
		assertEquals("tool_calls", choice.get("finish_reason").asString());
	}

	@Test
	void aCallIsStreamedWithItsTypeAndNameFirstAndItsArgumentsAfter() {
		Answer answer = ask("calling", TOOLS + ", \"stream\": true");

		assertEquals(List.of(ApiServer.json("{\"role\": \"assistant\", \"content\": \"\"}"), ApiServer.json("{\"reasoning_content\": \"Hm.\"}"),
				ApiServer.json("""
						{"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}]}"""),
				ApiServer.json("{\"tool_calls\": [{\"index\": 0, \"function\": {\"arguments\": \"{\\\"city\\\":\"}}]}"),
				ApiServer.json("{\"tool_calls\": [{\"index\": 0, \"function\": {\"arguments\": \"\\\"Bern\\\"}\"}}]}"),
				ApiServer.json("""
						{"tool_calls": [{"index": 1, "id": "call_2", "type": "function", "function": {"name": "clock", "arguments": ""}}]}"""),
				ApiServer.json("{\"tool_calls\": [{\"index\": 1, \"function\": {\"arguments\": \"{}\"}}]}"), ApiServer.json("{}")), deltas(answer));
		assertEquals("tool_calls", answer.events().getLast().get("choices").get(0).get("finish_reason").asString());
		assertTrue(answer.events().stream().allMatch(event -> event.get("choices").get(0).has("finish_reason")));
	}

	@Test
	void everyChoiceHasCallsOfItsOwn() {
		JsonNode choices = ask("calling", TOOLS + ", \"n\": 2").json().get("choices");
		Set<String> ids = new HashSet<>();
		for (JsonNode choice : choices)
			for (JsonNode call : choice.get("message").get("tool_calls"))
				assertTrue(ids.add(call.get("id").asString()) && !call.get("id").asString().isEmpty());
		assertEquals(4, ids.size());

		var arguments = ask("calling", TOOLS + ", \"n\": 2, \"stream\": true").events().stream().map(event -> event.get("choices").get(0))
				.filter(choice -> choice.get("delta").has("tool_calls")).collect(Collectors.groupingBy(choice -> choice.get("index").asInt()
						+ "." + choice.get("delta").get("tool_calls").get(0).get("index"), Collectors.mapping(choice -> choice.get("delta")
								.get("tool_calls").get(0).get("function").get("arguments").asString(), Collectors.joining())));
		assertEquals(Map.of("0.0", "{\"city\":\"Bern\"}", "0.1", "{}", "1.0", "{\"city\":\"Bern\"}", "1.1", "{}"), arguments);
	}

	@Test
	void aCallThatIsCutOffIsNoReasonToCallItComplete() {
		JsonNode choice = choice(ask("cut", TOOLS));

		assertEquals("length", choice.get("finish_reason").asString());
		assertEquals("I ask.", choice.get("message").get("content").asString());
		assertEquals("{\"city\":", choice.get("message").get("tool_calls").get(0).get("function").get("arguments").asString());
	}

	@Test
	void thoughtsAreToldApartFromWhatIsSaid() {
		JsonNode message = choice(ask("thinking", "")).get("message");
		assertEquals("Let me see.", message.get("reasoning_content").asString());
		assertEquals("Hello, wörld!", message.get("content").asString());
		assertFalse(message.has("tool_calls"));
		assertEquals(2, ask("thinking", "").json().get("usage").get("completion_tokens_details").get("reasoning_tokens").asInt());

		List<JsonNode> deltas = deltas(ask("thinking", "\"stream\": true"));
		assertEquals(List.of(ApiServer.json("{\"role\": \"assistant\", \"content\": \"\"}"), ApiServer.json("{\"reasoning_content\": \"Let me \"}"),
				ApiServer.json("{\"reasoning_content\": \"see.\"}"), ApiServer.json("{\"content\": \"Hello, \"}"),
				ApiServer.json("{\"content\": \"wörld!\"}"), ApiServer.json("{}")), deltas);
	}

	@Test
	void thoughtsAloneLeaveTheContentEmptyAndThere() {
		JsonNode choice = choice(ask("pondering", ""));

		assertEquals("", choice.get("message").get("content").asString(null));
		assertEquals("Let me see", choice.get("message").get("reasoning_content").asString());
		assertEquals("length", choice.get("finish_reason").asString());
	}

	@Test
	void nothingThoughtAndNothingCalledIsNotMentioned() {
		JsonNode message = choice(ask("scripted", TOOLS)).get("message");

		assertEquals(Set.of("role", "content", "refusal", "annotations"), Set.copyOf(message.propertyNames()));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			                                                                     | false |
			, "tool_choice": "auto"                                              | false |
			, "tool_choice": "required"                                          | true  |
			, "tool_choice": {"type": "function", "function": {"name": "clock"}} | true  | clock
			, "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "clock"}}]}}     | false | clock
			, "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "clock"}}]}} | true  | clock
			""")
	void whatMayBeCalledBindsTheReply(String members, boolean must, String only) {
		var rules = rules(TOOLS + Optional.ofNullable(members).orElse(""));

		assertEquals(new ToolChoice(must, only == null ? Set.of() : Set.of(only)), rules.tools());
		assertEquals(List.of("weather", "clock"), asked().conversation().tools().stream().map(Tool::name).toList());
		assertEquals(!must || only == null, rules.parallel(), "who names a tool wants one call of it");
	}

	@Test
	void noneOfTheToolsIsNoTools() {
		rules(TOOLS + ", \"tool_choice\": \"none\"");
		assertEquals(List.of(), asked().conversation().tools());
		assertFalse(rules(TOOLS + ", \"parallel_tool_calls\": false").parallel());
	}

	@Test
	void aReplyIsLeftAsItIsWhenThatIsAskedFor() {
		assertTrue(rules("\"reasoning_format\": \"none\"").plain());
		assertFalse(rules("\"reasoning_format\": \"deepseek\"").plain());
		assertFalse(rules(TOOLS + ", \"reasoning_format\": \"auto\"").plain());
		assertTrue(rules(TOOLS + ", \"reasoning_format\": \"none\", \"parse_tool_calls\": false").plain());
	}

	@Test
	void noEffortIsNoThinking() {
		rules("\"reasoning_effort\": \"none\"");
		assertEquals(Map.of("reasoning_effort", "none", "enable_thinking", false), asked().conversation().variables());
		rules("\"reasoning_effort\": \"none\", \"chat_template_kwargs\": {\"enable_thinking\": true}");
		assertEquals(true, asked().conversation().variables().get("enable_thinking"));
	}

	@Test
	void functionsAreAskedForAndToldOfAsTheyWereBeforeThereWereTools() {
		String functions = "\"functions\": [{\"name\": \"weather\", \"description\": \"how it is\"}]";
		JsonNode choice = choice(ask("calling", functions));
		assertEquals("function_call", choice.get("finish_reason").asString());
		assertEquals(ApiServer.json("{\"name\": \"weather\", \"arguments\": \"{\\\"city\\\":\\\"Bern\\\"}\"}"), choice.get("message").get("function_call"));
		assertFalse(choice.get("message").has("tool_calls"));
		assertFalse(asked().rules().parallel());

		List<JsonNode> deltas = deltas(ask("calling", functions + ", \"stream\": true"));
		assertEquals(ApiServer.json("{\"function_call\": {\"name\": \"weather\", \"arguments\": \"\"}}"), deltas.get(2));
		assertEquals(ApiServer.json("{\"function_call\": {\"arguments\": \"{\\\"city\\\":\"}}"), deltas.get(3));

		assertEquals(ToolChoice.of("weather"), rules(functions + ", \"function_call\": {\"name\": \"weather\"}").tools());
		rules(functions + ", \"function_call\": \"none\"");
		assertEquals(List.of(), asked().conversation().tools());
	}

	@Test
	void aFunctionsAnswerIsAToolsAnswer() {
		assertEquals(200, api.post("/v1/chat/completions", """
				{"model": "scripted", "messages": [{"role": "user", "content": "Hi"},
				 {"role": "assistant", "content": null, "function_call": {"name": "weather", "arguments": "{\\"city\\": \\"Bern\\"}"}},
				 {"role": "function", "name": "weather", "content": "sunny"}]}""").status());

		List<Message> messages = asked().conversation().messages();
		assertEquals(List.of(new Message.ToolCall("", "weather", Map.of("city", "Bern"))), messages.get(1).toolCalls());
		assertEquals("tool", messages.get(2).role());
		assertEquals(Optional.of("weather"), messages.get(2).name());
	}

	@Test
	void thePromptIsCountedWithItsTools() {
		Answer answer = api.post("/v1/chat/completions/input_tokens",
				"{\"model\": \"scripted\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], " + TOOLS + "}");

		assertEquals(ApiServer.json("{\"object\": \"response.input_tokens\", \"input_tokens\": 5}"), answer.json());
		assertEquals(400, api.post("/v1/chat/completions/input_tokens", "{\"model\": \"scripted\"}").status());
	}

	@Test
	void whatOnlyConcernsTheirServiceIsTaken() {
		assertEquals(200, ask("scripted", """
				"metadata": {"a": "b"}, "store": true, "prediction": {"type": "content", "content": "a"}, "service_tier": "auto", "verbosity": "low",
				"user": "u", "prompt_cache_key": "k", "safety_identifier": "s", "modalities": ["text"], "web_search_options": {},
				"max_completion_tokens": 20""").status());
	}
}
