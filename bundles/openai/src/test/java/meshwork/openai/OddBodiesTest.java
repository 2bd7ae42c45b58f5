package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Whatever a member is, the request is answered or refused; it never is the node's fault. */
@Timeout(120)
class OddBodiesTest {

	private static final List<String> ODD = List.of("null", "true", "-1", "0", "1.5", "1e999", "9223372036854775808", "\"\"", "\"\\u0000\"", "\"none\"", "[]",
			"[null]", "[5]", "[\"a\"]", "[[]]", "[[5, 5]]", "[{}]", "{}", "{\"type\": null}", "{\"type\": 5}", "{\"type\": \"function\"}", "{\"a\": [1]}");

	private static final Map<String, String> WHOLE = Map.of("/v1/chat/completions", """
			{"model": "scripted", "messages": [{"role": "assistant", "content": [{"type": "text", "text": "a"}], "name": "n", "reasoning_content": "r",
			   "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
			   {"role": "tool", "tool_call_id": "c", "content": "a"}],
			 "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}],
			 "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]}},
			 "parallel_tool_calls": true, "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
			 "reasoning_format": "auto", "reasoning_effort": "low", "chat_template_kwargs": {"a": 1}, "logprobs": true, "top_logprobs": 1,
			 "logit_bias": {"5": 1}, "samplers": ["top_k"], "stop": ["a"], "stream": true, "stream_options": {"include_usage": true}, "n": 1, "seed": 1,
			 "max_completion_tokens": 5, "temperature": 1, "min_keep": 1, "dry_multiplier": 1, "dry_sequence_breakers": ["a"], "mirostat": 1,
			 "t_max_predict_ms": 100, "cache_prompt": true, "ignore_eos": true, "modalities": ["text"], "metadata": {"a": "b"}}""",
			"/v1/responses", """
			{"model": "scripted", "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}], "id": "m1", "status": null},
			   {"type": "reasoning", "id": "r1", "summary": [{"type": "summary_text", "text": "s"}], "content": [{"type": "reasoning_text", "text": "t"}]},
			   {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}, {"type": "function_call_output", "call_id": "c", "output": "o"}],
			 "instructions": "i", "tools": [{"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": true}],
			 "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]}, "parallel_tool_calls": true,
			 "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}, "verbosity": "low"},
			 "reasoning": {"effort": "low", "summary": "auto"}, "include": ["message.output_text.logprobs"], "top_logprobs": 1, "truncation": "auto",
			 "max_output_tokens": 5, "temperature": 1, "top_p": 0.5, "store": true, "background": false, "stream": true, "metadata": {"a": "b"}, "user": "u",
			 "previous_response_id": null}""",
			"/v1/embeddings", """
			{"model": "scripted", "input": ["a"], "encoding_format": "float", "dimensions": 2, "embd_normalize": 2, "user": "u"}""",
			"/v1/rerank", """
			{"model": "scripted", "query": "a", "documents": [{"text": "a"}], "top_n": 1, "return_documents": true}""");

	@AutoClose
	private static final ApiServer api = new ApiServer();

	@ParameterizedTest
	@ValueSource(strings = { "/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/rerank" })
	void anOddMemberIsAnsweredOrRefusedByName(String path) {
		var whole = (ObjectNode) ApiServer.json(WHOLE.get(path));
		assertEquals(200, api.post(path, whole.toString()).status());
		odd(path, whole, whole);
	}

	/** Puts everything odd into the place of each member, to whatever depth. */
	private static void odd(String path, ObjectNode whole, ObjectNode part) {
		for (String member : List.copyOf(part.propertyNames())) {
			JsonNode usual = part.get(member);
			for (String odd : ODD) {
				part.set(member, ApiServer.json(odd));
				Answer answer = api.post(path, whole.toString());
				assertTrue(answer.status() == 200 || answer.status() == 400 || answer.status() == 404, () -> whole + "\n" + answer.response().body());
				if (answer.status() != 200)
					assertTrue(answer.json().get("error").get("message").isString(), answer.response()::body);
			}
			part.set(member, usual);
			for (JsonNode below : usual.isArray() ? usual.values() : List.of(usual))
				if (below instanceof ObjectNode object)
					odd(path, whole, object);
		}
	}
}
