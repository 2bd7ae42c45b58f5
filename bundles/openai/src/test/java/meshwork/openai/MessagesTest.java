package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.api.chat.Message;
import meshwork.api.chat.ToolChoice;
import meshwork.api.inference.Prompt;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;

/** Messages have the shapes that clients of Anthropic's API expect. */
@Timeout(60)
class MessagesTest {

	private static final String TOOLS = """
			"tools": [{"name": "weather", "description": "tells the weather", "input_schema": {"type": "object", "properties": {}}},
				{"type": "custom", "name": "clock", "input_schema": {"type": "object"}}]""";

	@AutoClose
	private static final ApiServer api = new ApiServer();

	private static Answer ask(String model, String members) {
		return api.post("/v1/messages", """
				{"model": "%s", "max_tokens": 20, "messages": [{"role": "user", "content": "Hi"}]%s}""".formatted(model,
				members.isEmpty() ? "" : ", " + members));
	}

	private static Prompt.Chat asked() {
		return (Prompt.Chat) api.inference.last().prompt();
	}

	/** The data of the events, each of which is called as its type. */
	private static List<JsonNode> events(Answer answer) {
		return Stream.of(answer.response().body().split("\n\n")).map(event -> {
			String[] lines = event.split("\n");
			JsonNode data = ApiServer.json(lines[1].substring("data: ".length()));
			assertEquals("event: " + data.get("type").asString(), lines[0]);
			assertEquals(2, lines.length);
			return data;
		}).toList();
	}

	private static List<String> types(List<JsonNode> events) {
		return events.stream().map(event -> event.get("type").asString()).toList();
	}

	@Test
	void aMessageIsAnswered() {
		JsonNode message = ask("scripted", "").json();

		assertTrue(message.get("id").asString().startsWith("msg_"));
		assertEquals("message", message.get("type").asString());
		assertEquals("assistant", message.get("role").asString());
		assertEquals("scripted", message.get("model").asString());
		assertEquals(ApiServer.json("[{\"type\": \"text\", \"text\": \"Hello, wörld!\", \"citations\": null}]"), message.get("content"));
		assertEquals("end_turn", message.get("stop_reason").asString());
		assertTrue(message.get("stop_sequence").isNull());
		JsonNode usage = message.get("usage");
		assertEquals(3, usage.get("input_tokens").asInt());
		assertEquals(2, usage.get("cache_read_input_tokens").asInt());
		assertEquals(0, usage.get("cache_creation_input_tokens").asInt());
		assertEquals(4, usage.get("output_tokens").asInt());
	}

	@Test
	void aStreamTellsItsBlocksInOrder() {
		Answer answer = ask("scripted", "\"stream\": true");
		List<JsonNode> events = events(answer);

		assertEquals("text/event-stream; charset=utf-8", answer.header("content-type"));
		assertEquals(List.of("message_start", "ping", "content_block_start", "content_block_delta", "content_block_delta", "content_block_delta",
				"content_block_delta", "content_block_stop", "message_delta", "message_stop"), types(events));
		JsonNode message = events.getFirst().get("message");
		assertEquals(0, message.get("content").size());
		assertTrue(message.get("stop_reason").isNull());
		assertEquals(2, message.get("usage").get("cache_read_input_tokens").asInt());
		assertEquals(ApiServer.json("{\"type\": \"text_delta\", \"text\": \" wörld\"}"), events.get(5).get("delta"));
		assertEquals("end_turn", events.get(8).get("delta").get("stop_reason").asString());
		assertEquals(4, events.get(8).get("usage").get("output_tokens").asInt());
	}

	@Test
	void thoughtsAndCallsAreBlocksOfTheirOwn() {
		JsonNode content = ask("calling", "\"thinking\": {\"type\": \"enabled\", \"budget_tokens\": 1024}, " + TOOLS).json().get("content");

		assertEquals(List.of("thinking", "tool_use", "tool_use"), types(List.copyOf(content.values())));
		assertEquals("Hm.", content.get(0).get("thinking").asString());
		assertFalse(content.get(0).get("signature").asString().isEmpty());
		assertEquals("call_1", content.get(1).get("id").asString());
		assertEquals(ApiServer.json("{\"city\": \"Bern\"}"), content.get(1).get("input"));
		assertEquals(ApiServer.json("{}"), content.get(2).get("input"));
		assertEquals("tool_use", ask("calling", TOOLS).json().get("stop_reason").asString());

		List<JsonNode> events = events(ask("calling", "\"stream\": true, \"thinking\": {\"type\": \"adaptive\"}, " + TOOLS));
		assertEquals(List.of("message_start", "ping", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
				"content_block_start", "content_block_delta", "content_block_delta", "content_block_stop", "content_block_start",
				"content_block_delta", "content_block_stop", "message_delta", "message_stop"), types(events));
		assertEquals("signature_delta", events.get(4).get("delta").get("type").asString());
		assertEquals("weather", events.get(6).get("content_block").get("name").asString());
		assertEquals(ApiServer.json("{\"type\": \"input_json_delta\", \"partial_json\": \"{\\\"city\\\":\"}"), events.get(7).get("delta"));
		assertEquals(2, events.get(11).get("index").asInt());
		assertEquals("tool_use", events.get(13).get("delta").get("stop_reason").asString());
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"top_k\": 5", "\"thinking\": {\"type\": \"disabled\"}", "\"thinking\": {\"type\": \"adaptive\", \"display\": \"omitted\"}" })
	void thoughtsAreShownOnlyToThoseWhoAskForThem(String members) {
		JsonNode content = ask("thinking", members).json().get("content");
		assertEquals(List.of("text"), types(List.copyOf(content.values())));
		assertEquals(members.contains("adaptive"), asked().conversation().variables().get("enable_thinking"));
	}

	@Test
	void whyItEndedIsTold() {
		JsonNode stopped = ask("stopped", "\"stop_sequences\": [\"END\"]").json();
		assertEquals("stop_sequence", stopped.get("stop_reason").asString());
		assertEquals("END", stopped.get("stop_sequence").asString());
		assertEquals("max_tokens", ask("scripted", "\"max_tokens\": 2").json().get("stop_reason").asString());
		assertEquals("model_context_window_exceeded", ask("cut", TOOLS).json().get("stop_reason").asString());
	}

	@Test
	void aCallThatWasCutOffHasNoInput() {
		JsonNode content = ask("cut", TOOLS).json().get("content");
		assertEquals(List.of("text", "tool_use"), types(List.copyOf(content.values())));
		assertEquals(ApiServer.json("{}"), content.get(1).get("input"));
	}

	@Test
	void aConversationIsReadBlockByBlock() {
		api.post("/v1/messages", """
				{"model": "scripted", "max_tokens": 5, "metadata": {"user_id": "u"}, "cache_control": {"type": "ephemeral"},
				"system": [{"type": "text", "text": "x-anthropic-billing-header: cc_version=2; cch=a5145;"},
					{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
				"messages": [{"role": "user", "content": "Weather?"},
					{"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "s"},
						{"type": "redacted_thinking", "data": "…"}, {"type": "text", "text": "I look."},
						{"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Bern"}}]},
					{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "is_error": true,
						"content": [{"type": "text", "text": "no such city"}]}, {"type": "text", "text": "Well?"}]}]}""");
		List<Message> messages = asked().conversation().messages();

		assertEquals(List.of("system", "user", "assistant", "tool", "user"), messages.stream().map(Message::role).toList());
		assertEquals("Be brief.", messages.get(0).text());
		assertEquals(Optional.of("Hm."), messages.get(2).reasoning());
		assertEquals("I look.", messages.get(2).text());
		assertEquals(Map.of("city", "Bern"), messages.get(2).toolCalls().getFirst().arguments());
		assertEquals(Optional.of("call_1"), messages.get(3).toolCallId());
		assertEquals(Optional.of("weather"), messages.get(3).name());
		assertEquals("Error: no such city", messages.get(3).text());
		assertEquals("Well?", messages.get(4).text());
	}

	@Test
	void toolsAreChosenAsAsked() {
		ask("scripted", TOOLS);
		assertEquals(List.of("weather", "clock"), asked().conversation().tools().stream().map(tool -> tool.name()).toList());
		assertEquals(ToolChoice.AUTO, asked().rules().tools());
		assertTrue(asked().rules().parallel());
		ask("scripted", "\"tool_choice\": {\"type\": \"any\", \"disable_parallel_tool_use\": true}, " + TOOLS);
		assertEquals(ToolChoice.REQUIRED, asked().rules().tools());
		assertFalse(asked().rules().parallel());
		ask("scripted", "\"tool_choice\": {\"type\": \"tool\", \"name\": \"clock\"}, " + TOOLS);
		assertEquals(ToolChoice.of("clock"), asked().rules().tools());
		ask("scripted", "\"tool_choice\": {\"type\": \"none\"}, " + TOOLS);
		assertEquals(List.of(), asked().conversation().tools());
	}

	@Test
	void textCanHaveAForm() {
		ask("scripted", "\"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": {\"type\": \"boolean\"}}}");
		assertTrue(asked().rules().form().orElseThrow().contains("root"));
	}

	@Test
	void tokensAreCounted() {
		Answer answer = api.post("/v1/messages/count_tokens", "{\"model\": \"scripted\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}");
		assertEquals(ApiServer.json("{\"input_tokens\": 5}"), answer.json());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			nobody  | 404 | not_found_error       | 'nobody'
			busy    | 529 | overloaded_error      | wait
			loading | 503 | api_error             | loading
			small   | 400 | invalid_request_error | prompt is too long
			dead    | 500 | api_error             | died
			""")
	void errorsHaveTheirShapeToo(String model, int status, String type, String words) {
		for (boolean stream : new boolean[] { false, true }) {
			Answer answer = ask(model, "\"stream\": " + stream);
			assertEquals(status, answer.status());
			assertEquals("error", answer.json().get("type").asString());
			assertEquals(type, answer.json().get("error").get("type").asString());
			assertTrue(answer.json().get("error").get("message").asString().contains(words.replace("'", "")), answer.response()::body);
			assertEquals(answer.header("x-request-id"), answer.json().get("request_id").asString());
			assertEquals(status == 529, answer.header("retry-after").equals("7"));
		}
	}

	@Test
	void whatBreaksOffIsToldInTheStream() {
		List<JsonNode> events = events(ask("broken", "\"stream\": true"));
		assertEquals("error", events.getLast().get("type").asString());
		assertEquals("api_error", events.getLast().get("error").get("type").asString());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			"temperature": "hot"                                                | 'temperature'
			"max_tokens": 0                                                     | 'max_tokens'
			"max_tokens": null                                                  | 'max_tokens'
			"tools": [{"type": "web_search_20250305", "name": "web_search"}]     | 'tools[0].type'
			"tool_choice": {"type": "any"}                                      | 'tool_choice'
			"tool_choice": {"type": "some"}                                     | 'tool_choice.type'
			"thinking": {"type": "maybe"}                                       | 'thinking.type'
			"messages": []                                                      | 'messages'
			"messages": [{"role": "tool", "content": "x"}]                      | 'messages[0].role'
			"messages": [{"role": "user", "content": [{"type": "image"}]}]      | 'messages[0].content[0].type'
			""", quoteCharacter = '~')
	void whatIsWrongIsNamed(String members, String name) {
		Answer answer = ask("scripted", members);
		assertEquals(400, answer.status(), answer.response()::body);
		assertTrue(answer.json().get("error").get("message").asString().contains(name), answer.response()::body);
	}

	@Test
	void modelsAreListedInTheirShapeForThoseWhoSendTheirVersion() {
		JsonNode page = version("/v1/models").json();
		assertEquals("model", page.get("data").get(0).get("type").asString());
		assertEquals("Scripted", page.get("data").get(0).get("display_name").asString());
		assertEquals("2023-11-14T22:13:20Z", page.get("data").get(0).get("created_at").asString());
		assertEquals("scripted", page.get("first_id").asString());
		assertEquals("scripted", page.get("last_id").asString());
		assertFalse(page.get("has_more").asBoolean());
		assertEquals("scripted", version("/v1/models/scripted").json().get("id").asString());
		assertEquals("not_found_error", version("/v1/models/nobody").json().get("error").get("type").asString());
		assertEquals("not_found_error", version("/v2/nothing").json().get("error").get("type").asString());
	}

	private static Answer version(String path) {
		Answer answer = api.send(HttpRequest.newBuilder(api.uri().resolve(path)).header("anthropic-version", "2023-06-01"));
		assertEquals(answer.header("x-request-id"), answer.header("request-id"));
		return answer;
	}

	@Test
	void aKeyThatIsNotValidIsToldAsOne() throws Exception {
		try (var guarded = new ApiServer(Map.of("apiKeys", new String[] { "one" }))) {
			var body = BodyPublishers.ofString("{\"model\": \"scripted\", \"max_tokens\": 5, \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}");
			var request = HttpRequest.newBuilder(guarded.uri().resolve("/v1/messages")).header("anthropic-version", "2023-06-01").POST(body);
			Answer answer = guarded.send(request.copy().header("x-api-key", "two"));
			assertEquals(401, answer.status());
			assertEquals("authentication_error", answer.json().get("error").get("type").asString());
			assertEquals(200, guarded.send(request.copy().header("x-api-key", "one")).status());
		}
	}
}
