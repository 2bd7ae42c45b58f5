package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A generation that nobody waits for any more is cancelled, and a slow reader is nobody's trouble but its own. */
@Timeout(60)
class ClientGoneTest {

	private ApiServer api;

	@BeforeEach
	void start() throws Exception {
		api = new ApiServer(Map.of("stopSeconds", 1));
	}

	@AfterEach
	void stop() throws Exception {
		api.close();
	}

	private Socket ask(String model, boolean stream) throws IOException {
		var socket = new Socket(api.uri().getHost(), api.uri().getPort());
		String body = "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"stream\": %s}".formatted(model, stream);
		socket.getOutputStream().write("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s".formatted(body.length(), body)
				.getBytes(StandardCharsets.US_ASCII));
		return socket;
	}

	@ParameterizedTest
	@CsvSource({ "true, true", "true, false", "false, true", "false, false" })
	void itsGenerationIsCancelledWhileThePromptIsRead(boolean stream, boolean abruptly) throws Exception {
		Socket socket = ask(ScriptedInference.STUCK, stream);
		api.inference.started.await();
		if (abruptly)
			socket.setSoLinger(true, 0);
		socket.close();

		api.inference.cancelled.await();
	}

	@Test
	void itsGenerationIsCancelledInTheMiddleOfAStream() throws Exception {
		Socket socket = ask(ScriptedInference.ENDLESS, true);
		var begin = new String(socket.getInputStream().readNBytes(2000), StandardCharsets.UTF_8);
		assertTrue(begin.contains("\"content\":\"word \""), begin);
		socket.close();

		api.inference.cancelled.await();
	}

	@Test
	void oneThatDoesNotReadIsGoneWhenItHasBeenIdleForTooLong() throws Exception {
		api.close();
		api = new ApiServer(Map.of("stopSeconds", 1, "idleSeconds", 1));
		try (Socket _ = ask(ScriptedInference.ENDLESS, true)) {
			api.inference.cancelled.await();
		}
	}

	@Test
	void oneThatDoesNotReadHoldsUpNobody() throws Exception {
		try (Socket _ = ask(ScriptedInference.ENDLESS, true); Socket _ = ask(ScriptedInference.ENDLESS, true)) {
			api.inference.started.await();
			for (int i = 0; i < 200; i++)
				assertEquals(200, api.chat("\"stream\": true").status());
			assertEquals(1, api.inference.cancelled.getCount());
		}
	}
}
