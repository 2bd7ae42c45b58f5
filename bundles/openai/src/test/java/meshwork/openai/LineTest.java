package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the line in the log says of a request. */
@Timeout(60)
class LineTest {

	@Test
	void itTellsTheModelItsTokensAndHowItEnded() throws Exception {
		try (var api = new ApiServer()) {
			String line = api.line(api.chat("\"n\": 2").header("x-request-id"));
			assertTrue(line.contains(" status=200 ") && line.endsWith(" cached_tokens=2 completion_tokens=8 finish=stop model=scripted prompt_tokens=5"), line);
			assertFalse(line.contains("Hello"), line);
			line = api.line(api.post("/v1/responses", "{\"model\": \"scripted\", \"input\": \"Hi\"}").header("x-request-id"));
			assertTrue(line.endsWith(" cached_tokens=2 completion_tokens=4 finish=stop model=scripted prompt_tokens=5"), line);
			line = api.line(api.complete("\"prompt\": [\"one\", \"two\"], \"stream\": true").header("x-request-id"));
			assertTrue(line.contains(" completion_tokens=8 ") && line.endsWith(" prompt_tokens=10"), line);
		}
	}

	@Test
	void itTellsWhatBrokeOff() throws Exception {
		try (var api = new ApiServer()) {
			String line = api.line(api.post("/v1/chat/completions", """
					{"model": "broken", "stream": true, "messages": [{"role": "user", "content": "Hi"}]}""").header("x-request-id"));
			assertTrue(line.contains(" status=200 ") && line.contains(" failed=true model=broken"), line);
		}
	}

	@Test
	void itTellsThatTheClientWentAway() throws Exception {
		try (var api = new ApiServer()) {
			String body = """
					{"model": "stuck", "messages": [{"role": "user", "content": "Hi"}]}""";
			try (var socket = new Socket(api.uri().getHost(), api.uri().getPort())) {
				socket.getOutputStream().write("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: mine\r\nContent-Length: %d\r\n\r\n%s"
						.formatted(body.length(), body).getBytes(StandardCharsets.US_ASCII));
				api.inference.started.await();
			}
			assertTrue(api.line("mine").endsWith(" cancelled=true model=stuck"), api.line("mine"));
		}
	}
}
