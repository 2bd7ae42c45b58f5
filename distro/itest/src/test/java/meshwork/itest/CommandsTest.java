package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import meshwork.itest.Distribution.Node;
import meshwork.itest.Distribution.Outcome;

/** The commands of the launcher, on the distribution as it is shipped. */
@Timeout(300)
class CommandsTest {

	private static final String ASKED = """
			{"model": "starter", "stream": true, "temperature": 0, "messages": [{"role": "user", "content": "What is Meshwork?"}]}""";

	@TempDir
	Path folder;
	private Path data;

	@BeforeEach
	void chooseData() {
		data = folder.resolve("data");
	}

	@Test
	void whatServePrintsWorks() throws Exception {
		try (var node = new Node(data); HttpClient client = HttpClient.newHttpClient()) {
			assertTrue(node.said().contains("models   starter"), node.said());
			var request = HttpRequest.newBuilder(URI.create(node.url() + "/v1/chat/completions")).POST(HttpRequest.BodyPublishers.ofString(ASKED)).build();
			List<String> events = client.send(request, HttpResponse.BodyHandlers.ofLines()).body().filter(line -> !line.isEmpty()).toList();
			assertTrue(events.size() > 10, "a stream of several events: " + events);
			assertEquals("data: [DONE]", events.getLast());
		}
	}

	@Test
	void aNodeThatIsToldToStopLeavesNothingBehind() throws Exception {
		var node = new Node(data);
		assertTrue(Files.exists(data.resolve("node.json")));
		node.stop();
		assertFalse(Files.exists(data.resolve("node.json")));
		assertFalse(Files.exists(data.resolve("run/shell.sock")));
	}

	@Test
	void aDaemonIsAskedAndStoppedByOtherCommands() throws Exception {
		assertEquals(12, Distribution.run(data, "status").code(), "no node runs yet");
		Outcome started = Distribution.run(data, "serve", "--daemon", "--port", "0");
		assertEquals(0, started.code(), started.err());
		try {
			Outcome asked = Distribution.run(data, "ask", "--temperature", "0", "What is Meshwork?");
			Outcome models = Distribution.run(data, "models");
			Outcome status = Distribution.run(data, "status");
			Outcome shell = Distribution.runWith("mesh:models\nmesh:engines\n", data, "shell");
			Outcome second = Distribution.run(data, "serve", "--port", "0");
			assertAll(() -> assertTrue(asked.out().contains("OpenAI-compatible endpoint"), asked.toString()),
					() -> assertTrue(models.out().contains("starter"), models.toString()),
					() -> assertTrue(status.out().contains("starter"), status.toString()),
					() -> assertTrue(shell.out().contains("starter") && shell.out().contains("v0.5.0"), shell.toString()),
					() -> refused(11, "a node runs on", second));
		} finally {
			Outcome stopped = Distribution.run(data, "stop");
			assertEquals(0, stopped.code(), stopped.err());
		}
		assertEquals(12, Distribution.run(data, "status").code(), "no node runs any more");
	}

	@Test
	void askStartsANodeForItselfWhereNoneRuns() throws Exception {
		Outcome asked = Distribution.run(data, "ask", "--temperature", "0", "What is Meshwork?");
		assertEquals(0, asked.code(), asked.err());
		assertTrue(asked.out().contains("OpenAI-compatible endpoint"), asked.out());
		assertFalse(Files.exists(data.resolve("node.json")));
	}

	@Test
	void aTakenPortIsRefused() throws Exception {
		try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			refused(3, "is taken", Distribution.run(data, "serve", "--port", Integer.toString(taken.getLocalPort())));
		}
	}

	@Test
	void aModelThatIsNotThereIsRefused() throws Exception {
		refused(4, "no-such.gguf", serve(folder.resolve("no-such.gguf")));
	}

	@Test
	void aFileThatIsNoModelIsRefused() throws Exception {
		refused(5, "not a GGUF", serve(Files.writeString(folder.resolve("text.gguf"), "Once upon a time there was a text.")));
	}

	@Test
	void aTruncatedModelIsRefused() throws Exception {
		byte[] whole = Files.readAllBytes(Distribution.STARTER);
		refused(6, "incomplete", serve(Files.write(folder.resolve("half.gguf"), java.util.Arrays.copyOf(whole, whole.length / 2))));
	}

	@Test
	void anUnknownArchitectureIsRefused() throws Exception {
		byte[] model = Files.readAllBytes(Distribution.STARTER);
		byte[] name = "qwen3moe".getBytes();
		for (int at = 0; at < 100_000; at++)
			if (java.util.Arrays.equals(model, at, at + name.length, name, 0, name.length))
				System.arraycopy("qwen9moe".getBytes(), 0, model, at, name.length);
		refused(7, "qwen9moe", serve(Files.write(folder.resolve("unknown.gguf"), model)));
	}

	@Test
	void aModelThatIsTooBigIsRefusedWithTheTwoNumbers() throws Exception {
		refused(9, "GB", Distribution.run(data, "serve", "--port", "0", "--ctx-size", "2000000000"));
	}

	@Test
	void aBrokenModelIsRefused() throws Exception {
		byte[] model = Files.readAllBytes(Distribution.STARTER);
		ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN).putLong(16, Long.MAX_VALUE);
		refused(8, "", serve(Files.write(folder.resolve("broken.gguf"), model)));
	}

	@Test
	void withoutAJdkTheScriptSaysWhatToInstall() throws Exception {
		var builder = Distribution.command(data, "serve");
		builder.environment().put("MESHWORK_JAVA_HOME", folder.toString());
		Process process = builder.redirectErrorStream(true).start();
		String said = new String(process.getInputStream().readAllBytes());
		assertEquals(20, process.waitFor());
		assertTrue(said.contains("JDK 25"), said);
	}

	private Outcome serve(Path model) throws IOException, InterruptedException {
		return Distribution.run(data, "serve", "--port", "0", "--model", model.toString());
	}

	/** One line that says it, an exit code of its own, and nothing left behind. */
	private void refused(int code, String saying, Outcome outcome) {
		assertEquals(code, outcome.code(), outcome.toString());
		assertEquals(1, outcome.err().lines().count(), outcome.err());
		assertTrue(outcome.err().contains(saying), outcome.err());
		if (code != 11)
			assertFalse(Files.exists(data), "something was left in " + data);
	}
}
