package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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

import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.inference.Prompt;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/chat/completions}: to the letter what strict clients expect. */
@Timeout(60)
class ChatCompletionsTest {

	@AutoClose
	private static final ApiServer api = new ApiServer();

	/** Takes out what differs each time, once it was looked at. */
	private static JsonNode constant(JsonNode answer) {
		var copy = (ObjectNode) answer.deepCopy();
		assertTrue(copy.path("id").asString().matches("chatcmpl-[A-Za-z0-9]{24}"), answer::toString);
		assertTrue(copy.path("created").asLong() > 1_700_000_000, answer::toString);
		copy.remove(List.of("id", "created", "timings"));
		return copy;
	}

	@Test
	void anAnswerAtOnceHasAllThatClientsLookAt() {
		Answer answer = api.chat("");

		assertEquals(200, answer.status());
		assertEquals("application/json", answer.header("content-type"));
		assertEquals(ApiServer.json("""
				{"object": "chat.completion", "model": "scripted", "system_fingerprint": "script 1.0", "service_tier": "default",
				 "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello, wörld!", "refusal": null, "annotations": []},
				   "logprobs": null, "finish_reason": "stop"}],
				 "usage": {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9,
				   "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 0},
				   "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
				     "rejected_prediction_tokens": 0}}}"""), constant(answer.json()));
		assertEquals(ApiServer.json("""
				{"cache_n": 2, "prompt_n": 3, "prompt_ms": 3.0, "prompt_per_token_ms": 1.0, "prompt_per_second": 1000.0,
				 "predicted_n": 4, "predicted_ms": 20.0, "predicted_per_token_ms": 5.0, "predicted_per_second": 200.0}"""),
				answer.json().get("timings"));
	}

	@Test
	void aStreamBeginsWithTheRoleAndEndsWithTheReason() {
		Answer answer = api.chat("\"stream\": true");

		assertEquals("text/event-stream; charset=utf-8", answer.header("content-type"));
		assertEquals("no-cache", answer.header("cache-control"));
		assertTrue(answer.done());
		String chunk = """
				{"object": "chat.completion.chunk", "model": "scripted", "system_fingerprint": "script 1.0", "service_tier": "default",
				 "choices": [{"index": 0, "delta": %s, "logprobs": null, "finish_reason": %s}]}""";
		assertEquals(List.of(ApiServer.json(chunk.formatted("{\"role\": \"assistant\", \"content\": \"\"}", null)),
				ApiServer.json(chunk.formatted("{\"content\": \"Hello\"}", null)), ApiServer.json(chunk.formatted("{\"content\": \",\"}", null)),
				ApiServer.json(chunk.formatted("{\"content\": \" wörld\"}", null)), ApiServer.json(chunk.formatted("{\"content\": \"!\"}", null)),
				ApiServer.json(chunk.formatted("{}", "\"stop\""))), answer.events().stream().map(ChatCompletionsTest::constant).toList());
		assertEquals(1, answer.events().stream().map(event -> event.get("id").asString() + event.get("created")).distinct().count());
		assertTrue(answer.events().getLast().has("timings"));
		assertFalse(answer.events().getFirst().has("timings"));
	}

	@Test
	void everyChunkOfAStreamHasTheFinishReasonAsAMember() {
		for (JsonNode event : api.chat("\"stream\": true").events())
			for (JsonNode choice : event.get("choices"))
				assertTrue(choice.has("finish_reason"), event::toString);
	}

	@Test
	void usageComesInAChunkOfItsOwnWhenItIsAskedFor() {
		List<JsonNode> events = api.chat("\"stream\": true, \"stream_options\": {\"include_usage\": true}").events();

		assertTrue(events.getLast().get("choices").isEmpty());
		assertEquals(9, events.getLast().get("usage").get("total_tokens").asInt());
		assertEquals(2, events.getLast().get("usage").get("prompt_tokens_details").get("cached_tokens").asInt());
		for (JsonNode event : events.subList(0, events.size() - 1)) {
			assertTrue(event.has("usage"), event::toString);
			assertTrue(event.get("usage").isNull(), event::toString);
		}
		assertTrue(api.chat("\"stream\": true").events().stream().noneMatch(event -> event.has("usage")));
	}

	@Test
	void severalChoicesAreToldApartByTheirIndex() {
		assertEquals(List.of(0, 1, 2), api.chat("\"n\": 3").json().get("choices").values().stream().map(choice -> choice.get("index").asInt()).toList());

		List<JsonNode> events = api.chat("\"n\": 2, \"stream\": true").events();
		Map<Integer, String> texts = events.stream().map(event -> event.get("choices").get(0)).collect(Collectors.groupingBy(
				choice -> choice.get("index").asInt(), Collectors.mapping(choice -> choice.get("delta").path("content").asString(""), Collectors.joining())));
		assertEquals(Map.of(0, "Hello, wörld!", 1, "Hello, wörld!"), texts);
		assertEquals(List.of("stop", "stop"), events.stream().map(event -> event.get("choices").get(0).get("finish_reason"))
				.filter(JsonNode::isString).map(JsonNode::asString).toList());
	}

	@Test
	void likelihoodsAreToldWhenAskedFor() {
		JsonNode picked = api.chat("\"logprobs\": true, \"top_logprobs\": 2").json().get("choices").get(0).get("logprobs").get("content").get(2);
		assertEquals(ApiServer.json("""
				{"token": " wörld", "logprob": -0.25, "bytes": [32, 119, 195, 182, 114, 108, 100], "top_logprobs": [
				  {"token": "t0", "logprob": -0.5, "bytes": [116, 48]}, {"token": "t1", "logprob": -9999.0, "bytes": [116, 49]}]}"""), picked);

		JsonNode streamed = api.chat("\"logprobs\": true, \"stream\": true").events().get(1).get("choices").get(0).get("logprobs");
		assertEquals("Hello", streamed.get("content").get(0).get("token").asString());
		assertTrue(streamed.get("content").get(0).get("top_logprobs").isEmpty());
		assertEquals(Optional.of(0), api.inference.last().likelihoods());
	}

	@Test
	void theLimitIsTheReasonWhenItIsReached() {
		assertEquals("length", api.chat("\"max_tokens\": 2").json().get("choices").get(0).get("finish_reason").asString());
		assertEquals(Optional.of(2), api.inference.last().maxTokens());
		api.chat("\"max_tokens\": 2, \"max_completion_tokens\": 3");
		assertEquals(Optional.of(3), api.inference.last().maxTokens());
		api.chat("\"max_tokens\": -1");
		assertEquals(Optional.empty(), api.inference.last().maxTokens());
	}

	@Test
	void stopsAreOneTextOrSeveral() {
		api.chat("\"stop\": \"a\"");
		assertEquals(List.of("a"), api.inference.last().stops());
		api.chat("\"stop\": [\"a\", \"\", \"b\"]");
		assertEquals(List.of("a", "b"), api.inference.last().stops());
		api.chat("\"stop\": null");
		assertEquals(List.of(), api.inference.last().stops());
	}

	@Test
	void conversationsArriveAsTheyWereWritten() {
		api.post("/v1/chat/completions", """
				{"model": "scripted", "tools": [{"type": "function", "function": {"name": "weather", "description": "how it is",
				    "parameters": {"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "number"}}}}}],
				 "tool_choice": "auto", "chat_template_kwargs": {"enable_thinking": false, "nothing": null}, "reasoning_effort": "low", "messages": [
				  {"role": "system", "content": "Be brief."},
				  {"role": "user", "content": [{"type": "text", "text": "How is "}, {"type": "text", "text": "Bern?"}], "name": "ann"},
				  {"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [
				    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\\"z\\": \\"Bern\\", \\"a\\": 1}"}}]},
				  {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}]}""");

		var conversation = ((Prompt.Chat) api.inference.last().prompt()).conversation();
		assertEquals(List.of("system", "user", "assistant", "tool"), conversation.messages().stream().map(Message::role).toList());
		assertEquals(List.of(new Part.Text("How is "), new Part.Text("Bern?")), conversation.messages().get(1).content());
		assertEquals(Optional.of("ann"), conversation.messages().get(1).name());
		Message assistant = conversation.messages().get(2);
		assertEquals(List.of(), assistant.content());
		assertEquals(Optional.of("hm"), assistant.reasoning());
		assertEquals(new Message.ToolCall("call_1", "weather", Map.of("z", "Bern", "a", 1)), assistant.toolCalls().getFirst());
		assertEquals(List.of("z", "a"), List.copyOf(assistant.toolCalls().getFirst().arguments().keySet()));
		assertEquals(Optional.of("call_1"), conversation.messages().get(3).toolCallId());
		assertEquals("weather", conversation.tools().getFirst().name());
		assertEquals(Map.of("enable_thinking", false, "reasoning_effort", "low"), conversation.variables());

		api.chat("\"tool_choice\": \"none\", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"weather\"}}]");
		assertEquals(List.of(), ((Prompt.Chat) api.inference.last().prompt()).conversation().tools());
	}

	@Test
	void whatNobodyKnowsIsIgnored() {
		assertEquals(200, api.chat("\"store\": true, \"metadata\": {\"a\": \"b\"}, \"user\": \"u\", \"no_such_thing\": [1]").status());
	}

	@Test
	void answersHaveNamesOfTheirOwn() {
		Set<String> ids = new HashSet<>();
		for (int i = 0; i < 20; i++)
			assertTrue(ids.add(api.chat("").json().get("id").asString()));
		assertNotEquals("", api.inference.last().id());
		assertEquals("", api.inference.last().caller());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			"audio": {"voice": "ash"}                                           | audio
			"adaptive_target": 0.5                                              | adaptive_target
			"tools": [{"type": "web_search"}]                                   | tools[0].type
			"tools": [{"type": "function", "function": {"name": "weather"}}], "tool_choice": {"type": "custom", "custom": {"name": "weather"}} | tool_choice.type
			"tools": [{"type": "function", "function": {"name": "weather"}}], "reasoning_format": "none" | reasoning_format
			"modalities": ["text", "audio"]                                     | modalities
			""")
	void whatCannotBeDoneIsRefusedByName(String member, String parameter) {
		JsonNode error = api.chat(member).json().get("error");

		assertEquals(parameter, error.get("param").asString());
		assertEquals("unsupported_parameter", error.get("code").asString());
		assertEquals("invalid_request_error", error.get("type").asString());
	}

	@Test
	void picturesAreRefusedByName() {
		Answer answer = api.post("/v1/chat/completions", """
				{"model": "scripted", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}]}""");

		assertEquals(400, answer.status());
		assertEquals("messages[0].content[0].type", answer.json().get("error").get("param").asString());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			"temperature": "hot"               | temperature       | invalid_type
			"temperature": -1                  | temperature       | decimal_below_min_value
			"top_p": 1.1                       | top_p             | decimal_above_max_value
			"n": 0                             | n                 | integer_below_min_value
			"n": 1.5                           | n                 | invalid_type
			"max_tokens": 0                    | max_tokens        | invalid_value
			"stream": "yes"                    | stream            | invalid_type
			"stream_options": {}               | stream_options    | invalid_value
			"top_logprobs": 1                  | top_logprobs      | invalid_value
			"logprobs": true, "top_logprobs": 21 | top_logprobs    | integer_above_max_value
			"stop": 7                          | stop              | invalid_type
			"stop": ["a", 7]                   | stop[1]           | invalid_type
			"seed": 1e30                       | seed              | integer_above_max_value
			"seed": 1e999                      | seed              | invalid_type
			"temperature": 1e999               | temperature       | decimal_above_max_value
			"logit_bias": [[-1, 1]]            | logit_bias        | invalid_value
			"logit_bias": [[1]]                | logit_bias        | invalid_value
			"logit_bias": {"99999999999": 1}   | logit_bias        | invalid_value
			"samplers": ["top_k", "cards"]     | samplers          | invalid_value
			"samplers": "kz"                   | samplers          | invalid_value
			"reasoning_format": "loud"         | reasoning_format  | invalid_value
			"logit_bias": {"1": 101}           | logit_bias        | invalid_value
			"tools": [{"type": "function"}]    | tools[0].function | missing_required_parameter
			"tools": [{"type": "function", "function": {"name": " "}}] | tools[0].function.name | missing_required_parameter
			"tools": [{"type": "function", "function": {"name": "a"}}], "tool_choice": "maybe" | tool_choice | invalid_value
			"tools": [{"type": "function", "function": {"name": "a"}}], "tool_choice": 1       | tool_choice | invalid_type
			"tools": [{"type": "function", "function": {"name": "a"}}], "tool_choice": {"type": "function", "function": {"name": "b"}} | tool_choice | invalid_value
			"tools": [{"type": "function", "function": {"name": "a"}}], "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "must"}} | tool_choice.allowed_tools.mode | invalid_value
			"tool_choice": "required"          | tool_choice       | invalid_value
			"functions": [{"name": "a"}], "function_call": {"name": "b"} | function_call | invalid_value
			"functions": [{"name": "a"}], "tools": []                    | functions     | invalid_value
			""")
	void whatIsWrongIsRefusedByName(String member, String parameter, String code) {
		Answer answer = api.chat(member);

		assertEquals(400, answer.status());
		assertEquals(parameter, answer.json().get("error").get("param").asString());
		assertEquals(code, answer.json().get("error").get("code").asString());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			{"messages": [{"role": "user", "content": "Hi"}]}                     | model                 | missing_required_parameter
			{"model": "scripted"}                                                 | messages              | missing_required_parameter
			{"model": "scripted", "messages": []}                                 | messages              | invalid_value
			{"model": "scripted", "messages": "Hi"}                               | messages              | invalid_type
			{"model": "scripted", "messages": ["Hi"]}                             | messages[0]           | invalid_type
			{"model": "scripted", "messages": [{"content": "Hi"}]}                | messages[0].role      | missing_required_parameter
			{"model": "scripted", "messages": [{"role": "king", "content": "Hi"}]} | messages[0].role     | invalid_value
			{"model": "scripted", "messages": [{"role": "user"}]}                 | messages[0].content   | missing_required_parameter
			{"model": "scripted", "messages": [{"role": "user", "content": 1}]}   | messages[0].content   | invalid_type
			{"model": "scripted", "messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}]} | messages[0].tool_calls[0].function.arguments | invalid_value
			""")
	void aBadConversationIsRefusedByName(String body, String parameter, String code) {
		Answer answer = api.post("/v1/chat/completions", body);

		assertEquals(400, answer.status());
		assertEquals(parameter, answer.json().get("error").get("param").asString());
		assertEquals(code, answer.json().get("error").get("code").asString());
	}
}
