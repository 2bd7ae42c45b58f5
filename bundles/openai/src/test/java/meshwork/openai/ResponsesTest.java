package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.chat.ToolChoice;
import meshwork.api.inference.Prompt;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/responses}: objects and events to the letter, what is kept, and who may see it. */
@Timeout(60)
class ResponsesTest {

	@AutoClose
	private final ApiServer api = new ApiServer();

	private Answer ask(String model, String members) {
		return api.post("/v1/responses", "{\"model\": \"%s\"%s}".formatted(model, members.isEmpty() ? "" : ", " + members));
	}

	private JsonNode made(String model, String members) {
		Answer answer = ask(model, members);
		assertEquals(200, answer.status(), answer.response()::body);
		return answer.json();
	}

	private List<JsonNode> streamed(String model, String members) {
		return ask(model, members + ", \"stream\": true").named();
	}

	private Conversation conversation() {
		return ((Prompt.Chat) api.inference.last().prompt()).conversation();
	}

	/** Takes out what differs each time, once it was looked at. */
	private static JsonNode constant(JsonNode response) {
		var copy = (ObjectNode) response.deepCopy();
		assertTrue(copy.path("id").asString().matches("resp_[A-Za-z0-9]{24}"), response::toString);
		assertTrue(copy.path("created_at").asLong() > 1_700_000_000, response::toString);
		copy.remove(List.of("id", "created_at"));
		for (JsonNode item : copy.get("output")) {
			assertTrue(item.path("id").asString().matches("(msg|fc|rs)_[A-Za-z0-9]{24}"), item::toString);
			((ObjectNode) item).remove("id");
		}
		return copy;
	}

	private static List<String> types(List<JsonNode> events) {
		return events.stream().map(event -> event.get("type").asString().substring("response.".length())).toList();
	}

	@Test
	void anAnswerAtOnceHasAllThatClientsLookAt() {
		assertEquals(ApiServer.json("""
				{"object": "response", "status": "completed", "background": false, "error": null, "incomplete_details": null, "instructions": "Be brief.",
				 "max_output_tokens": null, "max_tool_calls": null, "model": "scripted",
				 "output": [{"type": "message", "status": "completed", "role": "assistant",
				   "content": [{"type": "output_text", "text": "Hello, wörld!", "annotations": [], "logprobs": []}]}],
				 "parallel_tool_calls": true, "previous_response_id": null, "prompt_cache_key": null, "reasoning": {"effort": "low"},
				 "safety_identifier": null, "service_tier": "default", "store": true, "temperature": 0.5, "text": {"format": {"type": "text"}},
				 "tool_choice": "auto", "tools": [], "top_logprobs": 0, "top_p": 1.0, "truncation": "disabled",
				 "usage": {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 0}, "output_tokens": 4,
				   "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 9},
				 "user": null, "metadata": {"a": "b"}}"""), constant(made("scripted", """
				"input": "Hi", "instructions": "Be brief.", "temperature": 0.5, "metadata": {"a": "b"}, "reasoning": {"effort": "low"}""")));
		assertEquals(List.of(new Message("system", "Be brief."), new Message("user", "Hi")), conversation().messages());
		assertEquals(Map.of("reasoning_effort", "low"), conversation().variables());
	}

	@Test
	void aMessageIsStreamedFromItsBeginningToItsEnd() {
		List<JsonNode> events = streamed("scripted", "\"input\": \"Hi\"");

		assertEquals(List.of("created", "in_progress", "output_item.added", "content_part.added", "output_text.delta", "output_text.delta",
				"output_text.delta", "output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed"), types(events));
		assertEquals(IntStream.range(0, 12).boxed().toList(), events.stream().map(event -> event.get("sequence_number").asInt()).toList());
		String id = events.get(2).get("item").get("id").asString();
		assertEquals(ApiServer.json("""
				{"type": "response.output_item.added", "sequence_number": 2, "output_index": 0, "item": {"id": "%s", "type": "message",
				 "status": "in_progress", "content": [], "role": "assistant"}}""".formatted(id)), events.get(2));
		assertEquals(ApiServer.json("""
				{"type": "response.content_part.added", "sequence_number": 3, "item_id": "%s", "output_index": 0, "content_index": 0,
				 "part": {"type": "output_text", "text": "", "annotations": [], "logprobs": []}}""".formatted(id)), events.get(3));
		assertEquals(ApiServer.json("""
				{"type": "response.output_text.delta", "sequence_number": 4, "item_id": "%s", "output_index": 0, "content_index": 0, "delta": "Hello",
				 "logprobs": []}""".formatted(id)), events.get(4));
		assertEquals(ApiServer.json("""
				{"type": "response.output_text.done", "sequence_number": 8, "item_id": "%s", "output_index": 0, "content_index": 0,
				 "text": "Hello, wörld!", "logprobs": []}""".formatted(id)), events.get(8));
		assertEquals(ApiServer.json("""
				{"type": "response.content_part.done", "sequence_number": 9, "item_id": "%s", "output_index": 0, "content_index": 0,
				 "part": {"type": "output_text", "text": "Hello, wörld!", "annotations": [], "logprobs": []}}""".formatted(id)), events.get(9));
		assertEquals(events.get(10).get("item"), events.get(11).get("response").get("output").get(0));
		assertEquals("in_progress", events.get(0).get("response").get("status").asString());
		assertTrue(events.get(0).get("response").get("output").isEmpty());
		assertEquals(constant(made("scripted", "\"input\": \"Hi\"")), constant(events.getLast().get("response")));
	}

	@Test
	void thoughtsAndCallsAreItemsOfTheirOwn() {
		String tools = "\"input\": \"Hi\", \"tools\": [{\"type\": \"function\", \"name\": \"weather\", \"parameters\": {}, \"strict\": true}]";
		JsonNode response = constant(made("calling", tools));
		assertEquals("completed", response.get("status").asString());
		assertEquals(ApiServer.json("""
				[{"type": "reasoning", "status": "completed", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]},
				 {"type": "function_call", "status": "completed", "call_id": "call_1", "name": "weather", "arguments": "{\\"city\\":\\"Bern\\"}"},
				 {"type": "function_call", "status": "completed", "call_id": "call_2", "name": "clock", "arguments": "{}"}]"""), response.get("output"));
		assertEquals(1, response.get("usage").get("output_tokens_details").get("reasoning_tokens").asInt());

		List<JsonNode> events = streamed("calling", tools);
		assertEquals(List.of("created", "in_progress", "output_item.added", "content_part.added", "reasoning_text.delta", "reasoning_text.done",
				"content_part.done", "output_item.done", "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta",
				"function_call_arguments.done", "output_item.done", "output_item.added", "function_call_arguments.delta", "function_call_arguments.done",
				"output_item.done", "completed"), types(events));
		String id = events.get(8).get("item").get("id").asString();
		assertEquals(ApiServer.json("""
				{"id": "%s", "type": "function_call", "status": "in_progress", "call_id": "call_1", "name": "weather", "arguments": ""}""".formatted(id)),
				events.get(8).get("item"));
		assertEquals(ApiServer.json("""
				{"type": "response.function_call_arguments.delta", "sequence_number": 9, "item_id": "%s", "output_index": 1,
				 "delta": "{\\"city\\":"}""".formatted(id)), events.get(9));
		assertEquals(ApiServer.json("""
				{"type": "response.function_call_arguments.done", "sequence_number": 11, "item_id": "%s", "output_index": 1, "name": "weather",
				 "arguments": "{\\"city\\":\\"Bern\\"}"}""".formatted(id)), events.get(11));
		assertEquals(List.of(0, 1, 2), events.stream().filter(event -> event.get("type").asString().endsWith("item.done"))
				.map(event -> event.get("output_index").asInt()).toList());
		assertEquals(response.get("output"), constant(events.getLast().get("response")).get("output"));
	}

	@Test
	void whatIsCutOffIsIncomplete() {
		JsonNode response = made("scripted", "\"input\": \"Hi\", \"max_output_tokens\": 2");
		assertEquals("incomplete", response.get("status").asString());
		assertEquals("max_output_tokens", response.get("incomplete_details").get("reason").asString());
		assertEquals("incomplete", response.get("output").get(0).get("status").asString());
		assertEquals("incomplete", types(streamed("scripted", "\"input\": \"Hi\", \"max_output_tokens\": 2")).getLast());

		String cut = made("cut", "\"input\": \"Hi\"").get("id").asString();
		assertEquals(200, ask("scripted", "\"input\": \"Go on\", \"previous_response_id\": \"%s\"".formatted(cut)).status());
		assertEquals(List.of(), conversation().messages().get(1).toolCalls());
	}

	@Test
	void whatBreaksOffIsToldAsAFailure() {
		List<JsonNode> events = streamed("broken", "\"input\": \"Hi\"");
		assertEquals("failed", types(events).getLast());
		JsonNode response = events.getLast().get("response");
		assertEquals(ApiServer.json("{\"code\": \"server_error\", \"message\": \"the engine died\"}"), response.get("error"));
		assertEquals("failed", api.get("/v1/responses/" + response.get("id").asString()).json().get("status").asString());

		assertEquals(500, ask("broken", "\"input\": \"Hi\"").status());
		for (String stream : List.of("", ", \"stream\": true")) {
			Answer overflow = ask("small", "\"input\": \"Hi\"" + stream);
			assertEquals(400, overflow.status());
			assertEquals("context_length_exceeded", overflow.json().get("error").get("code").asString());
			assertEquals("input", overflow.json().get("error").get("param").asString());
		}
	}

	@Test
	void likelihoodsAreToldWhenAskedFor() {
		String members = "\"input\": \"Hi\", \"include\": [\"message.output_text.logprobs\"], \"top_logprobs\": 1";
		JsonNode logprobs = made("scripted", members).get("output").get(0).get("content").get(0).get("logprobs");
		assertEquals(4, logprobs.size());
		assertEquals(ApiServer.json("""
				{"token": "Hello", "logprob": -0.25, "bytes": [72, 101, 108, 108, 111], "top_logprobs": [{"token": "t0", "logprob": -0.5,
				 "bytes": [116, 48]}]}"""), logprobs.get(0));
		assertEquals(logprobs.get(0), streamed("scripted", members).get(4).get("logprobs").get(0));
	}

	@Test
	void itemsBecomeMessages() {
		made("scripted", """
				"tools": [{"type": "function", "name": "weather", "description": "how it is", "parameters": {"type": "object"}}],
				"tool_choice": {"type": "function", "name": "weather"}, "parallel_tool_calls": false, "input": [
				  {"role": "developer", "content": "Be brief."},
				  {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "How is "}, {"type": "input_text", "text": "Bern?"}]},
				  {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "short"}], "content": [{"type": "reasoning_text", "text": "hm"}],
				   "encrypted_content": null},
				  {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look.", "annotations": []}]},
				  {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{\\"city\\": \\"Bern\\"}"},
				  {"type": "function_call", "call_id": "c2", "name": "weather", "arguments": "{}"},
				  {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
				  {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "rain"}]},
				  {"role": "assistant", "content": "Done."}]""");

		List<Message> messages = conversation().messages();
		assertEquals(List.of("developer", "user", "assistant", "tool", "tool", "assistant"), messages.stream().map(Message::role).toList());
		assertEquals(List.of(new Part.Text("How is "), new Part.Text("Bern?")), messages.get(1).content());
		assertEquals(new Message("assistant", List.of(new Part.Text("I look.")), Optional.empty(), List.of(new Message.ToolCall("c1", "weather",
				Map.of("city", "Bern")), new Message.ToolCall("c2", "weather", Map.of())), Optional.empty(), Optional.of("hm")), messages.get(2));
		assertEquals(Optional.of("c2"), messages.get(4).toolCallId());
		assertEquals("rain", messages.get(4).text());
		assertEquals(new Conversation.Tool("weather", "how it is", Map.of("type", "object")), conversation().tools().getFirst());
		var rules = ((Prompt.Chat) api.inference.last().prompt()).rules();
		assertEquals(ToolChoice.of("weather"), rules.tools());
		assertFalse(rules.parallel());
	}

	@Test
	void aSchemaBindsTheReply() {
		made("scripted", "\"input\": \"Hi\", \"text\": {\"format\": {\"type\": \"json_schema\", \"name\": \"n\", \"strict\": true, \"schema\": {\"type\": \"integer\"}}}");
		assertTrue(((Prompt.Chat) api.inference.last().prompt()).rules().form().isPresent());
		made("scripted", "\"input\": \"Hi\", \"text\": {\"format\": {\"type\": \"json_object\"}, \"verbosity\": \"low\"}");
		assertTrue(((Prompt.Chat) api.inference.last().prompt()).rules().form().isPresent());
	}

	@Test
	void aConversationGoesOnFromAResponse() {
		String first = made("calling", "\"input\": \"Hi\", \"instructions\": \"Be brief.\"").get("id").asString();
		JsonNode second = made("scripted", """
				"previous_response_id": "%s", "input": [{"type": "function_call_output", "call_id": "call_1", "output": "sunny"}]""".formatted(first));
		assertEquals(first, second.get("previous_response_id").asString());
		made("scripted", "\"previous_response_id\": \"%s\", \"input\": \"Thanks\", \"instructions\": \"Be polite.\"".formatted(second.get("id").asString()));

		assertEquals(List.of("system", "user", "assistant", "tool", "assistant", "user"), conversation().messages().stream().map(Message::role).toList());
		assertEquals(List.of("Be polite.", "Hi", "", "sunny", "Hello, wörld!", "Thanks"), conversation().messages().stream().map(Message::text).toList());
		assertEquals(List.of("weather", "clock"), conversation().messages().get(2).toolCalls().stream().map(Message.ToolCall::name).toList());
		assertEquals(Optional.of("Hm."), conversation().messages().get(2).reasoning());

		Answer unknown = ask("scripted", "\"input\": \"Hi\", \"previous_response_id\": \"resp_none\"");
		assertEquals(400, unknown.status());
		assertEquals("previous_response_not_found", unknown.json().get("error").get("code").asString());
	}

	@Test
	void anItemIsReferredToByItsName() {
		String said = made("scripted", "\"input\": [{\"role\": \"user\", \"content\": \"Hi\", \"id\": \"msg_mine\"}]").get("output").get(0).get("id").asString();
		made("scripted", "\"input\": [{\"type\": \"item_reference\", \"id\": \"msg_mine\"}, {\"id\": \"%s\"}, {\"role\": \"user\", \"content\": \"Thanks\"}]"
				.formatted(said));

		assertEquals(List.of("Hi", "Hello, wörld!", "Thanks"), conversation().messages().stream().map(Message::text).toList());
	}

	@Test
	void aResponseIsFoundUntilItIsDeleted() {
		JsonNode made = made("scripted", "\"input\": \"Hi\"");
		String path = "/v1/responses/" + made.get("id").asString();
		assertEquals(made, api.get(path).json());

		Answer deleted = api.send(HttpRequest.newBuilder(api.uri().resolve(path)).DELETE());
		assertEquals(ApiServer.json("{\"id\": \"%s\", \"object\": \"response\", \"deleted\": true}".formatted(made.get("id").asString())), deleted.json());
		assertEquals(404, api.get(path).status());
		assertEquals(404, api.send(HttpRequest.newBuilder(api.uri().resolve(path)).DELETE()).status());
		assertEquals(404, api.get("/v1/responses/" + made("scripted", "\"input\": \"Hi\", \"store\": false").get("id").asString()).status());
	}

	@Test
	void theOldestAreForgottenWhenThereAreTooMany() {
		var ids = new ArrayList<String>();
		for (int i = 0; i < 9; i++) {
			ids.add(made("scripted", "\"input\": \"Hi\"").get("id").asString());
			assertEquals(200, api.get("/v1/responses/" + ids.getFirst()).status());
		}
		assertEquals(404, api.get("/v1/responses/" + ids.get(1)).status());
		made("scripted", "\"input\": \"%s\"".formatted("a".repeat(99_000)));
		assertEquals(List.of(404, 404), ids.stream().skip(7).map(id -> api.get("/v1/responses/" + id).status()).toList());
	}

	@Test
	void whatIsKeptIsSeenByWhoMadeItOnly() throws Exception {
		try (var guarded = new ApiServer(Map.of("apiKeys", new String[] { "one", "two" }))) {
			String id = guarded.send(asked(guarded, "one", "/v1/responses").POST(BodyPublishers.ofString("{\"model\": \"scripted\", \"input\": \"Hi\"}")))
					.json().get("id").asString();

			for (String path : List.of("/v1/responses/" + id, "/v1/responses/" + id + "/input_items")) {
				assertEquals(200, guarded.send(asked(guarded, "one", path)).status());
				assertEquals(404, guarded.send(asked(guarded, "two", path)).status());
			}
			assertEquals(404, guarded.send(asked(guarded, "two", "/v1/responses/" + id).DELETE()).status());
			for (String key : List.of("one", "two"))
				for (String item : List.of("\"role\": \"user\", \"content\": \"I am %s\", ".formatted(key), ""))
					assertEquals(200, guarded.send(asked(guarded, key, "/v1/responses").POST(BodyPublishers.ofString(
							"{\"model\": \"scripted\", \"input\": [{%s\"id\": \"msg_1\"}]}".formatted(item)))).status());
			assertEquals("I am two", ((Prompt.Chat) guarded.inference.last().prompt()).conversation().messages().getFirst().text());
			assertEquals(400, guarded.send(asked(guarded, "two", "/v1/responses").POST(BodyPublishers.ofString(
					"{\"model\": \"scripted\", \"input\": \"Hi\", \"previous_response_id\": \"%s\"}".formatted(id)))).status());
		}
	}

	private static HttpRequest.Builder asked(ApiServer server, String key, String path) {
		return HttpRequest.newBuilder(server.uri().resolve(path)).header("authorization", "Bearer " + key);
	}

	@Test
	void whatWasGivenIsListedInPages() {
		String id = made("scripted", """
				"input": [{"role": "user", "content": "a", "id": "m1"}, {"role": "assistant", "content": "b", "id": "m2"}, {"role": "user", "content": "c", "id": "m3"}]""")
				.get("id").asString();
		String path = "/v1/responses/" + id + "/input_items";

		assertEquals(ApiServer.json("""
				{"object": "list", "data": [{"role": "user", "content": [{"type": "input_text", "text": "a"}], "id": "m1", "type": "message", "status": "completed"},
				 {"role": "assistant", "content": [{"type": "output_text", "text": "b"}], "id": "m2", "type": "message", "status": "completed"}],
				 "first_id": "m1", "last_id": "m2", "has_more": true}"""), api.get(path + "?order=asc&limit=2").json());
		JsonNode rest = api.get(path + "?order=asc&limit=2&after=m2").json();
		assertEquals("m3", rest.get("first_id").asString());
		assertFalse(rest.get("has_more").booleanValue());
		assertEquals("m3", api.get(path).json().get("first_id").asString());
		assertEquals(400, api.get(path + "?limit=0").status());
		assertEquals(400, api.get(path + "?limit=many").status());
		assertEquals(400, api.get(path + "?order=up").status());

		JsonNode text = api.get("/v1/responses/" + made("scripted", "\"input\": \"Hi\"").get("id").asString() + "/input_items").json().get("data").get(0);
		assertEquals("Hi", text.get("content").get(0).get("text").asString());
		assertTrue(text.get("id").asString().startsWith("msg_"));
	}

	@Test
	void inTheBackgroundAResponseIsMadeWithoutItsReader() throws Exception {
		JsonNode begun = made("scripted", "\"input\": \"Hi\", \"background\": true");
		assertEquals("queued", begun.get("status").asString());
		String path = "/v1/responses/" + begun.get("id").asString();

		JsonNode now = begun;
		while (!now.get("status").asString().equals("completed"))
			now = api.get(path).json();
		assertEquals("Hello, wörld!", now.get("output").get(0).get("content").get(0).get("text").asString());
		assertTrue(now.get("background").booleanValue());
		assertEquals("completed", api.post(path + "/cancel", "").json().get("status").asString());
	}

	@Test
	void inTheBackgroundAResponseIsFollowed() {
		List<JsonNode> events = streamed("scripted", "\"input\": \"Hi\", \"background\": true");

		assertEquals(List.of("created", "queued", "in_progress", "output_item.added"), types(events).subList(0, 4));
		assertEquals("completed", types(events).getLast());
		assertEquals(IntStream.range(0, events.size()).boxed().toList(), events.stream().map(event -> event.get("sequence_number").asInt()).toList());
	}

	@Test
	void inTheBackgroundAResponseIsFollowedAgainFromWhereItsReaderLeftIt() throws Exception {
		var request = HttpRequest.newBuilder(api.uri().resolve("/v1/responses")).POST(BodyPublishers.ofString(
				"{\"model\": \"stuck\", \"input\": \"Hi\", \"background\": true, \"stream\": true}"));
		String id = first(request).get("response").get("id").asString();
		String path = "/v1/responses/" + id;

		JsonNode second = first(HttpRequest.newBuilder(api.uri().resolve(path + "?stream=true&starting_after=0")));
		assertEquals("response.queued", second.get("type").asString());
		assertEquals(1, second.get("sequence_number").asInt());
		assertEquals(1, api.inference.cancelled.getCount());
		assertEquals("cancelled", api.post(path + "/cancel", "").json().get("status").asString());
		assertEquals(400, api.get(path + "?stream=true").status());
	}

	/** The first event of a stream that is left then. */
	private static JsonNode first(HttpRequest.Builder request) throws Exception {
		try (var client = HttpClient.newHttpClient(); var lines = client.send(request.build(), BodyHandlers.ofLines()).body()) {
			return ApiServer.json(lines.filter(line -> line.startsWith("data: ")).findFirst().orElseThrow().substring("data: ".length()));
		}
	}

	@Test
	void inTheBackgroundAResponseIsCancelled() throws Exception {
		String path = "/v1/responses/" + made("stuck", "\"input\": \"Hi\", \"background\": true").get("id").asString();
		assertEquals("queued", api.get(path).json().get("status").asString());

		assertEquals("cancelled", api.post(path + "/cancel", "").json().get("status").asString());
		api.inference.cancelled.await();
		assertEquals("cancelled", api.get(path).json().get("status").asString());
		assertEquals(400, ask("scripted", "\"input\": \"Hi\", \"background\": true, \"store\": false").status());
		String made = made("scripted", "\"input\": \"Hi\"").get("id").asString();
		assertEquals(400, api.post("/v1/responses/" + made + "/cancel", "").status());
	}

	@Test
	void aResponseThatIsDeletedWhileItIsMadeIsGivenUp() throws Exception {
		String path = "/v1/responses/" + made("stuck", "\"input\": \"Hi\", \"background\": true").get("id").asString();

		assertEquals(200, api.send(HttpRequest.newBuilder(api.uri().resolve(path)).DELETE()).status());
		api.inference.cancelled.await();
		assertEquals(404, api.get(path).status());
	}

	@Test
	void theOldestMessagesAreLeftOutWhenThatIsAskedFor() {
		String long_ = "\"instructions\": \"Be brief.\", \"input\": [%s{\"role\": \"user\", \"content\": \"last\"}]".formatted(
				"{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Hello\"}, ".repeat(5));
		assertEquals(400, ask("narrow", long_).status());
		assertEquals("completed", made("narrow", long_ + ", \"truncation\": \"auto\"").get("status").asString());
		assertEquals("Be brief.", conversation().messages().getFirst().text());
		assertEquals("user", conversation().messages().get(1).role());
		assertEquals("last", conversation().messages().getLast().text());
		assertEquals(400, ask("small", "\"input\": \"Hi\", \"truncation\": \"auto\"").status());
	}

	@Test
	void thePromptIsCounted() {
		assertEquals(ApiServer.json("{\"object\": \"response.input_tokens\", \"input_tokens\": 5}"),
				api.post("/v1/responses/input_tokens", "{\"model\": \"scripted\", \"input\": \"Hi\"}").json());
	}

	@Test
	void otherMethodsAndPlacesAreRefused() {
		assertEquals(405, api.get("/v1/responses").status());
		assertEquals("GET, DELETE, OPTIONS", api.post("/v1/responses/resp_1", "{}").header("allow"));
		assertEquals(405, api.get("/v1/responses/resp_1/cancel").status());
		assertEquals(404, api.get("/v1/responses/resp_1/secrets").status());
		assertEquals(404, api.get("/v1/responses/").status());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			"instructions": "a"                                            | input               | missing_required_parameter
			"input": 5                                                     | input               | invalid_type
			"input": []                                                    | input               | invalid_value
			"input": ["Hi"]                                                | input[0]            | invalid_type
			"input": [{"type": "message", "content": "Hi"}]                | input[0].role       | missing_required_parameter
			"input": [{"role": "tool", "content": "Hi"}]                   | input[0].role       | invalid_value
			"input": [{"role": "user"}]                                    | input[0].content    | missing_required_parameter
			"input": [{"type": "function_call", "name": "a", "arguments": "{}"}]                     | input[0].call_id    | missing_required_parameter
			"input": [{"type": "function_call", "call_id": "c", "name": "a", "arguments": "{"}]      | input[0].arguments  | invalid_value
			"input": [{"type": "function_call_output", "call_id": "c"}]                              | input[0].output     | missing_required_parameter
			"input": [{"type": "item_reference", "id": "msg_none"}]                                  | input[0].id         | invalid_value
			"input": [{"type": "computer_call"}]                                                     | input[0].type       | unsupported_parameter
			"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}]  | input[0].content[0].type | unsupported_parameter
			"input": "Hi", "tools": [{"type": "web_search"}]               | tools[0].type       | unsupported_parameter
			"input": "Hi", "tools": [{"type": "function"}]                 | tools[0].name       | missing_required_parameter
			"input": "Hi", "tool_choice": {"type": "function", "name": "a"} | tool_choice        | invalid_value
			"input": "Hi", "conversation": "conv_1"                        | conversation        | unsupported_parameter
			"input": "Hi", "prompt": {"id": "pmpt_1"}                      | prompt              | unsupported_parameter
			"input": "Hi", "text": {"format": {"type": "json_schema"}}     | text.format.schema  | missing_required_parameter
			"input": "Hi", "truncation": "some"                            | truncation          | invalid_value
			"input": "Hi", "max_output_tokens": 0                          | max_output_tokens   | invalid_value
			"input": "Hi", "n": 2                                          | n                   | unsupported_parameter
			""")
	void whatIsWrongIsRefusedByName(String members, String parameter, String code) {
		for (String stream : List.of("", ", \"stream\": true")) {
			Answer answer = ask("scripted", members + stream);

			assertEquals(400, answer.status());
			assertEquals(parameter, answer.json().get("error").get("param").asString(null), answer.response()::body);
			assertEquals(code, answer.json().get("error").get("code").asString(null));
		}
	}
}
