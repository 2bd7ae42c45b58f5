package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CancellationException;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.api.inference.Prompt;
import meshwork.api.inference.ServedModel.State;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;

/** {@code POST /v1/embeddings} and {@code POST /embedding}: vectors as OpenAI and llama-server tell them. */
@Timeout(60)
class EmbeddingsTest {

	@AutoClose
	private final ApiServer api = new ApiServer();

	private Answer embed(String members) {
		return api.post("/v1/embeddings", "{\"model\": \"scripted\", %s}".formatted(members));
	}

	private static float[] numbers(JsonNode vector) {
		var numbers = new float[vector.size()];
		for (int i = 0; i < numbers.length; i++)
			numbers[i] = vector.get(i).floatValue();
		return numbers;
	}

	private static float[] first(Answer answer) {
		return numbers(answer.json().get("data").get(0).get("embedding"));
	}

	private static double length(float[] vector) {
		double sum = 0;
		for (float element : vector)
			sum += element * element;
		return Math.sqrt(sum);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1/embeddings", "/embeddings" })
	void eachInputHasAVectorAtItsPlace(String path) {
		Answer answer = api.post(path, "{\"model\": \"scripted\", \"input\": [\"abc\", \"ab\"], \"user\": \"somebody\"}");

		assertEquals(200, answer.status());
		JsonNode json = answer.json();
		assertEquals(List.of("object", "data", "model", "usage"), List.copyOf(json.propertyNames()));
		assertEquals("list", json.get("object").asString());
		assertEquals("scripted", json.get("model").asString());
		assertEquals(ApiServer.json("{\"prompt_tokens\": 5, \"total_tokens\": 5}"), json.get("usage"));
		assertEquals(2, json.get("data").size());
		for (int i = 0; i < 2; i++) {
			assertEquals("embedding", json.get("data").get(i).get("object").asString());
			assertEquals(i, json.get("data").get(i).get("index").asInt());
			float[] vector = numbers(json.get("data").get(i).get("embedding"));
			assertEquals(1, length(vector), 1e-6);
			assertEquals((3 - i) / 2f, vector[0] / vector[1], 1e-6);
		}
	}

	@Test
	void base64HasTheSameNumbers() {
		String text = embed("\"input\": \"abc\", \"encoding_format\": \"base64\"").json().get("data").get(0).get("embedding").stringValue();
		var decoded = new float[4];
		ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(decoded);

		assertArrayEquals(first(embed("\"input\": \"abc\", \"encoding_format\": \"float\"")), decoded);
	}

	@Test
	void inputsMayBeTokens() {
		embed("\"input\": [1, 2, 3]");
		assertArrayEquals(new int[] { 1, 2, 3 }, ((Prompt.Tokens) api.embedder.last().inputs().getFirst()).tokens());
		embed("\"input\": [[1], [2, 3]]");
		assertEquals(2, api.embedder.last().inputs().size());
		assertArrayEquals(new int[] { 2, 3 }, ((Prompt.Tokens) api.embedder.last().inputs().get(1)).tokens());
	}

	@Test
	void fewerDimensionsAreTheFirstOnesAtLengthOne() {
		float[] two = first(embed("\"input\": \"abcd\", \"dimensions\": 2"));
		assertArrayEquals(new float[] { (float) (4 / Math.sqrt(20)), (float) (2 / Math.sqrt(20)) }, two, 1e-6f);
		assertEquals(4, first(embed("\"input\": \"abcd\", \"dimensions\": 4")).length);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			-1 | 3, 2, 4, 0.1
			0  | 24570, 16380, 32760, 819
			1  | 0.3296703, 0.2197802, 0.4395604, 0.01098901
			2  | 0.5569900, 0.3713267, 0.7426533, 0.01856633
			""")
	void llamaServersNormsAreKnown(int norm, String expected) {
		JsonNode answer = api.post("/embedding", "{\"content\": \"abc\", \"embd_normalize\": %d}".formatted(norm)).json();
		var numbers = new float[4];
		for (int i = 0; i < numbers.length; i++)
			numbers[i] = Float.parseFloat(expected.split(", ")[i]);

		assertEquals(0, answer.get(0).get("index").asInt());
		assertEquals(1, answer.get(0).get("embedding").size());
		assertArrayEquals(numbers, numbers(answer.get(0).get("embedding").get(0)), 1e-5f * Math.max(1, numbers[2]));
	}

	@Test
	void vectorsOfTokensAreToldAsTheyAre() {
		JsonNode answer = api.post("/embedding", "{\"input\": [\"ab\", \"c\"], \"pooling\": \"none\"}").json();

		assertEquals(ApiServer.json("[[0.0, 2.0, 4.0, 0.1], [1.0, 2.0, 4.0, 0.1]]"), answer.get(0).get("embedding"));
		assertEquals(1, answer.get(1).get("index").asInt());
		assertEquals(1, answer.get(1).get("embedding").size());
	}

	@Test
	void aModelThatIsServedAloneNeedNotBeNamedAsInLlamaServer() {
		assertEquals(200, api.post("/embedding", "{\"content\": \"abc\"}").status());
		api.inference.served.add(ScriptedInference.model("other", State.READY));
		assertEquals("model", api.post("/embedding", "{\"content\": \"abc\"}").json().get("error").get("param").asString());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			"model": "scripted"                                         | 400 | input           | missing_required_parameter
			"input": "a"                                                | 400 | model           | missing_required_parameter
			"model": "scripted", "input": ""                            | 400 | input           | invalid_value
			"model": "scripted", "input": []                            | 400 | input           | invalid_value
			"model": "scripted", "input": ["a", ""]                     | 400 | input           | invalid_value
			"model": "scripted", "input": [[]]                          | 400 | input           | invalid_value
			"model": "scripted", "input": ["a", 1]                      | 400 | input           | invalid_value
			"model": "scripted", "input": {}                            | 400 | input           | invalid_type
			"model": "scripted", "input": "a", "dimensions": 5          | 400 | dimensions      | integer_above_max_value
			"model": "scripted", "input": "a", "dimensions": 0          | 400 | dimensions      | integer_below_min_value
			"model": "scripted", "input": "a", "encoding_format": "int" | 400 | encoding_format | invalid_value
			"model": "small", "input": "a"                              | 400 | input           | context_length_exceeded
			"model": "nobody", "input": "a"                             | 404 | model           | model_not_found
			"model": "dead", "input": "a"                               | 500 |                 |
			""")
	void whatIsWrongIsRefusedByName(String members, int status, String parameter, String code) {
		Answer answer = api.post("/v1/embeddings", "{%s}".formatted(members));

		assertEquals(status, answer.status(), answer.response()::body);
		assertEquals(parameter, answer.json().get("error").get("param").asString(null));
		assertEquals(code, answer.json().get("error").get("code").asString(null));
	}

	@Test
	void tooLongAnInputIsToldWithTheCounts() {
		String message = api.post("/v1/embeddings", "{\"model\": \"small\", \"input\": \"a\"}").json().get("error").get("message").asString();

		assertTrue(message.contains("5000") && message.contains("4096"), message);
	}

	@Test
	void vectorsThatNobodyWaitsForAreGivenUp() throws Exception {
		String body = "{\"model\": \"stuck\", \"input\": \"a\"}";
		try (var socket = new Socket(api.uri().getHost(), api.uri().getPort())) {
			socket.getOutputStream().write("POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: mine\r\nContent-Length: %d\r\n\r\n%s"
					.formatted(body.length(), body).getBytes(StandardCharsets.US_ASCII));
			api.embedder.started.await();
		}

		assertThrows(CancellationException.class, api.embedder.stuck::get);
		assertTrue(api.line("mine").endsWith(" cancelled=true model=stuck"), api.line("mine"));
	}

	@Test
	void theLineInTheLogTellsTheModelAndItsTokens() throws Exception {
		String line = api.line(embed("\"input\": [\"secret\", \"word\"]").header("x-request-id"));
		assertTrue(line.endsWith(" model=scripted prompt_tokens=10"), line);
		assertFalse(line.contains("secret"), line);
		line = api.line(api.post("/v1/embeddings", "{\"model\": \"dead\", \"input\": \"a\"}").header("x-request-id"));
		assertTrue(line.endsWith(" failed=true model=dead"), line);
	}
}
