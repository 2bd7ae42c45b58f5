package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import meshwork.itest.Distribution.Node;

/** What clients of llama-server get from a node as it is shipped; a model need not be named, since one is served. */
@Timeout(300)
class NativeApiTest {

	private static final HttpClient CLIENT = HttpClient.newHttpClient();

	@TempDir
	static Path data;

	private static Node node;

	@BeforeAll
	static void start() throws IOException {
		node = new Node(data);
	}

	@AfterAll
	static void stop() throws Exception {
		node.close();
	}

	@Test
	void textsSurviveBeingCutAndPutTogether() throws Exception {
		String text = "<|im_start|>user\\nHé 🦊, what is Meshwork?<|im_end|>";
		String tokens = group("\"tokens\":(\\[[\\d,]+])", post("/tokenize", "{\"content\": \"%s\"}".formatted(text)));

		assertEquals("{\"content\":\"%s\"}".formatted(text), post("/detokenize", "{\"tokens\": %s}".formatted(tokens)));
		assertTrue(post("/tokenize", "{\"content\": \"é<|im_end|>\", \"with_pieces\": true}").matches(
				"\\{\"tokens\":\\[\\{\"id\":\\d+,\"piece\":\\[195]},\\{\"id\":\\d+,\"piece\":\\[169]},\\{\"id\":\\d+,\"piece\":\"<\\|im_end\\|>\"}]}"));
	}

	@Test
	void aTemplatesPromptIsAnsweredAsAChat() throws Exception {
		String prompt = group("\"prompt\":\"(.*)\"}", post("/apply-template", "{\"messages\": [{\"role\": \"user\", \"content\": \"What is Meshwork?\"}]}"));
		String answer = post("/completion", "{\"prompt\": \"%s\", \"temperature\": 0, \"n_predict\": 60}".formatted(prompt));
		String chat = post("/v1/chat/completions",
				"{\"model\": \"starter\", \"messages\": [{\"role\": \"user\", \"content\": \"What is Meshwork?\"}], \"temperature\": 0, \"max_tokens\": 60}");

		assertEquals(group("\"content\":\"((?:[^\"\\\\]|\\\\.)*)\"", chat), group("\"content\":\"((?:[^\"\\\\]|\\\\.)*)\"", answer));
		assertEquals(prompt, group("\"prompt\":\"((?:[^\"\\\\]|\\\\.)*)\"", answer));
	}

	@Test
	void whatWasReadAheadNeedNotBeReadAgain() throws Exception {
		String prompt = "\"prompt\": \"Meshwork turns the machines that people already own into one endpoint. A node is\", \"temperature\": 0";
		String read = post("/completion", "{%s, \"n_predict\": 0}".formatted(prompt));
		String said = post("/completion", "{%s, \"n_predict\": 4, \"response_fields\": [\"timings/cache_n\", \"tokens_predicted\"]}".formatted(prompt));

		assertEquals("", group("\"content\":\"([^\"]*)\"", read));
		assertEquals("4", group("\"tokens_predicted\":(\\d+)", said));
		assertTrue(Integer.parseInt(group("\"timings/cache_n\":(\\d+)", said)) > 0, said);
	}

	@Test
	void slotsAreThoseThatPropertiesTellOf() throws Exception {
		String slots = get("/slots");
		String places = group("\"total_slots\":(\\d+)", get("/props"));

		assertEquals(Integer.parseInt(places), slots.split("\"is_processing\":", -1).length - 1, slots);
		assertEquals(group("\"n_ctx\":(\\d+)", slots), group("\"n_ctx\":(\\d+)", get("/props")));
		assertEquals("<|im_end|>", group("\"eos_token\":\"([^\"]*)\"", get("/props")));
	}

	private static String group(String pattern, String text) {
		Matcher matcher = Pattern.compile(pattern).matcher(text);
		assertTrue(matcher.find(), () -> pattern + " in " + text);
		return matcher.group(1);
	}

	private static String get(String path) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(URI.create(node.url() + path)));
	}

	private static String post(String path, String json) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(URI.create(node.url() + path)).POST(BodyPublishers.ofString(json)));
	}

	private static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
		var response = CLIENT.send(request.build(), BodyHandlers.ofString());
		assertEquals(200, response.statusCode(), response::body);
		return response.body();
	}
}
