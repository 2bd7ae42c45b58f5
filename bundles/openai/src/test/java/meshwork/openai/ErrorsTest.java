package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;

/** Every error is OpenAI's error object with a status that its SDKs know what to do with. */
@Timeout(60)
class ErrorsTest {

	@AutoClose
	private static final ApiServer api = new ApiServer(Map.of("maxBody", 10_000L));

	private static final String CHAT = "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"stream\": %s}";

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			nobody  | 404 | invalid_request_error | model      | model_not_found         |
			loading | 503 | unavailable_error     | model      | model_not_ready         | 2
			busy    | 429 | rate_limit_error      |            | rate_limit_exceeded     | 7
			small   | 400 | invalid_request_error | messages   | context_length_exceeded |
			picky   | 400 | invalid_request_error | logit_bias | invalid_value           |
			dead    | 500 | server_error          |            |                         |
			""")
	void whatTheNodeCannotDoIsToldBeforeTheFirstByte(String model, int status, String type, String param, String code, String retryAfter) {
		for (boolean stream : new boolean[] { false, true }) {
			Answer answer = api.post("/v1/chat/completions", CHAT.formatted(model, stream));
			JsonNode error = answer.json().get("error");

			assertEquals(status, answer.status());
			assertEquals("application/json", answer.header("content-type"));
			assertEquals(type, error.get("type").asString());
			assertEquals(param, error.get("param").asString(null));
			assertEquals(code, error.get("code").asString(null));
			assertFalse(error.get("message").asString().isBlank());
			assertEquals(List.of("message", "type", "param", "code"), List.copyOf(error.propertyNames()));
			assertEquals(retryAfter == null ? "" : retryAfter, answer.header("retry-after"));
		}
	}

	@Test
	void theOverflowOfAPlainCompletionNamesItsPrompt() {
		assertEquals("prompt", api.post("/v1/completions", "{\"model\": \"small\", \"prompt\": \"a\"}").json().get("error").get("param").asString());
	}

	@Test
	void whatBreaksOffIsToldInTheStreamAndNotCalledDone() {
		Answer answer = api.post("/v1/chat/completions", CHAT.formatted("broken", true));

		assertEquals(200, answer.status());
		assertEquals(4, answer.events().size());
		assertEquals("the engine died", answer.events().getLast().get("error").get("message").asString());
		assertFalse(answer.done());
		assertEquals(500, api.post("/v1/chat/completions", CHAT.formatted("broken", false)).status());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "[1]", "\"text\"", "{\"a\": 1} {\"b\": 2}", "{'a': 1}", "{\"a\": NaN}", "\u0000" })
	void whatIsNotAJsonObjectIsABadRequest(String body) {
		Answer answer = api.post("/v1/chat/completions", body);

		assertEquals(400, answer.status(), answer.response()::body);
		assertEquals("invalid_request_error", answer.json().get("error").get("type").asString());
		assertTrue(answer.json().get("error").get("param").isNull());
	}

	@Test
	void deeplyNestedJsonIsABadRequest() {
		assertEquals(400, api.post("/v1/chat/completions", "[".repeat(5000)).status());
	}

	@Test
	void theContentTypeDoesNotMatter() {
		var request = HttpRequest.newBuilder(api.uri().resolve("/v1/chat/completions")).header("content-type", "application/x-www-form-urlencoded")
				.POST(BodyPublishers.ofString(CHAT.formatted("scripted", false)));
		assertEquals(200, api.send(request).status());
	}

	@Test
	void whatIsTooLargeIsRefused() {
		Answer answer = api.post("/v1/chat/completions", CHAT.formatted("a".repeat(20_000), false));

		assertEquals(413, answer.status());
		assertTrue(answer.json().get("error").get("message").asString().contains("10000"));
	}

	@Test
	void aKeyThatIsNotValidIsToldAsOne() throws Exception {
		try (var guarded = new ApiServer(Map.of("apiKeys", new String[] { "one" }))) {
			Answer answer = guarded.chat("");
			assertEquals(401, answer.status());
			assertEquals("invalid_api_key", answer.json().get("error").get("code").asString());

			var request = HttpRequest.newBuilder(guarded.uri().resolve("/v1/chat/completions")).header("authorization", "Bearer one")
					.POST(BodyPublishers.ofString(CHAT.formatted("scripted", false)));
			assertEquals(200, guarded.send(request).status());
			assertFalse(guarded.inference.last().caller().isEmpty());
			assertFalse(guarded.inference.last().caller().contains("one"));
		}
	}

	@Test
	void anotherMethodIsRefusedWithThoseThatAreKnown() {
		Answer answer = api.get("/v1/chat/completions");
		assertEquals(405, answer.status());
		assertEquals("POST, OPTIONS", answer.header("allow"));
		assertEquals("method_not_supported", answer.json().get("error").get("code").asString());

		assertEquals(405, api.post("/v1/models", "{}").status());
		var options = api.send(HttpRequest.newBuilder(api.uri().resolve("/v1/models")).method("OPTIONS", BodyPublishers.noBody()));
		assertEquals(204, options.status());
		assertEquals("GET, HEAD, OPTIONS", options.header("allow"));
		assertEquals(200, api.send(HttpRequest.newBuilder(api.uri().resolve("/v1/models")).method("HEAD", BodyPublishers.noBody())).status());
	}
}
