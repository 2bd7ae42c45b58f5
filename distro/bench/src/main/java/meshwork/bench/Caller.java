package meshwork.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Asks a server one thing after the other, and keeps the time. For one thread. */
final class Caller implements AutoCloseable {

	private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

	private final Load load;
	private Optional<Connection> connection = Optional.empty();

	private long[] told = new long[256];
	private int pieces;
	private int promptTokens;
	private int cachedTokens;
	private int outputTokens;
	private String failure;

	Caller(Load load) {
		this.load = load;
	}

	/** Sends one prompt, and reads the answer to its end. */
	Sample ask(String prompt, int outputTokens, long due) throws InterruptedException {
		byte[] body = body(prompt, outputTokens);
		pieces = 0;
		promptTokens = 0;
		cachedTokens = 0;
		this.outputTokens = 0;
		failure = "";
		try {
			exchange(body);
			if (failure.isEmpty() && pieces == 0)
				failure = "the answer holds no text";
		} catch (IOException | JacksonException e) {
			if (Thread.interrupted())
				throw new InterruptedException();
			failure = String.valueOf(e.getMessage());
			close();
		}
		return new Sample(due, Arrays.copyOf(told, pieces), System.nanoTime(), promptTokens, cachedTokens, this.outputTokens,
				Optional.of(failure).filter(what -> !what.isEmpty()));
	}

	private byte[] body(String prompt, int outputTokens) {
		ObjectNode body = JsonMapper.shared().createObjectNode();
		body.put("model", load.model());
		if (load.chat())
			body.putArray("messages").addObject().put("role", "user").put("content", prompt);
		else
			body.put("prompt", prompt);
		body.put("max_tokens", outputTokens);
		body.put("temperature", 0);
		body.put("ignore_eos", true);
		body.put("stream", load.stream());
		if (load.stream())
			body.putObject("stream_options").put("include_usage", true);
		return JsonMapper.shared().writeValueAsBytes(body);
	}

	private void exchange(byte[] body) throws IOException {
		int status = send(body);
		Connection open = connection.orElseThrow();
		if (status == 200 && load.stream())
			readEvents(open);
		else
			readWhole(status, open.readAll());
		if (!open.usable())
			close();
	}

	/** A server may close a connection that was kept at any time, without a word: then a new one is made. */
	private int send(byte[] body) throws IOException {
		if (connection.isPresent()) {
			try {
				return connection.get().post(body);
			} catch (Connection.Gone _) {
				close();
			}
		}
		connection = Optional.of(new Connection(load.url(), load.chat() ? "/v1/chat/completions" : "/v1/completions", load.key()));
		return connection.get().post(body);
	}

	private void readEvents(Connection open) throws IOException {
		for (int length = open.readLine(); length >= 0; length = open.readLine()) {
			byte[] line = open.line();
			int start = DATA.length + (length > DATA.length && line[DATA.length] == ' ' ? 1 : 0);
			if (length > start && line[start] == '{' && Arrays.equals(line, 0, DATA.length, DATA, 0, DATA.length))
				read(line, start, length - start);
		}
	}

	private void readWhole(int status, byte[] body) {
		if (status == 200 || body.length > 0 && body[0] == '{')
			read(body, 0, body.length);
		if (status != 200)
			failure = status + (failure.isEmpty() ? "" : ": " + failure);
	}

	/** Reads what matters of an answer, or of a piece of one: whether there is text in it, and what was counted. */
	private void read(byte[] json, int start, int length) {
		boolean text = false;
		boolean error = false;
		String name = "";
		try (JsonParser parser = JsonMapper.shared().createParser(json, start, length)) {
			for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
				switch (token) {
					case PROPERTY_NAME -> {
						name = parser.currentName();
						error |= name.equals("error");
					}
					case VALUE_STRING -> {
						text |= isText(name) && parser.getStringLength() > 0;
						if (error && name.equals("message"))
							failure = parser.getString();
					}
					case VALUE_NUMBER_INT -> count(name, parser);
					case VALUE_NULL -> error &= !name.equals("error");
					default -> {
					}
				}
			}
		}
		if (text && !error)
			tell();
	}

	private static boolean isText(String name) {
		return switch (name) {
			case "content", "text", "reasoning_content", "reasoning", "arguments" -> true;
			default -> false;
		};
	}

	private void count(String name, JsonParser parser) {
		switch (name) {
			case "prompt_tokens" -> promptTokens = parser.getIntValue();
			case "cached_tokens" -> cachedTokens = parser.getIntValue();
			case "completion_tokens" -> outputTokens = parser.getIntValue();
			default -> {
			}
		}
	}

	private void tell() {
		if (pieces == told.length)
			told = Arrays.copyOf(told, 2 * pieces);
		told[pieces++] = System.nanoTime();
	}

	@Override
	public void close() {
		connection.ifPresent(open -> {
			try {
				open.close();
			} catch (IOException _) {
				// it is of no use any more, whatever ails it
			}
		});
		connection = Optional.empty();
	}
}
