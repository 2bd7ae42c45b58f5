package meshwork.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

import javax.net.ssl.SSLSocketFactory;

/**
 * One HTTP/1.1 connection, kept open from request to request. On a blocking socket, since the load generator shares the machine
 * with the server that it measures: per piece of a stream it takes a quarter of what {@code java.net.http} does.
 */
final class Connection implements AutoCloseable {

	private static final int CLOSED = -1;

	private final Socket socket;
	private final InputStream in;
	private final byte[] buffer = new byte[32 << 10];
	private final String head;
	private int next;
	private int limit;

	/** What is left of the current chunk, or of the body; {@link Long#MAX_VALUE} until the connection ends. */
	private long left;
	private boolean chunked;
	private boolean ended;
	private boolean lasting;

	private byte[] line = new byte[4 << 10];

	Connection(URI url, String path, Optional<String> key) throws IOException {
		boolean secure = url.getScheme().equals("https");
		int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
		socket = secure ? SSLSocketFactory.getDefault().createSocket(url.getHost(), port) : new Socket(url.getHost(), port);
		socket.setTcpNoDelay(true);
		in = socket.getInputStream();
		head = "POST " + url.getPath().replaceFirst("/$", "") + path + " HTTP/1.1\r\nHost: " + url.getHost() + ':' + port
				+ "\r\nContent-Type: application/json\r\n" + key.map(shown -> "Authorization: Bearer " + shown + "\r\n").orElse("")
				+ "Content-Length: ";
	}

	/** The server has closed the connection, and not answered. */
	static final class Gone extends IOException {

		Gone(String message) {
			super(message);
		}
	}

	/**
	 * Sends a request, and waits for the head of the answer; what comes back is its status.
	 *
	 * @throws Gone when nothing at all comes back
	 */
	int post(byte[] body) throws IOException {
		byte[] start = (head + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
		byte[] request = Arrays.copyOf(start, start.length + body.length);
		System.arraycopy(body, 0, request, start.length, body.length);
		try {
			socket.getOutputStream().write(request);
			if (next == limit && !fill())
				throw new Gone("the connection ended before an answer began");
		} catch (SocketException e) {
			throw new Gone(e.getMessage());
		}
		String status = header();
		if (!status.startsWith("HTTP/1."))
			throw new IOException("no answer in HTTP: " + status);
		chunked = false;
		ended = false;
		lasting = true;
		left = Long.MAX_VALUE;
		for (String field = header(); !field.isEmpty(); field = header())
			obey(field.toLowerCase(Locale.ROOT));
		if (chunked)
			left = 0;
		return Integer.parseInt(status.split(" ", 3)[1]);
	}

	private void obey(String field) {
		int colon = field.indexOf(':');
		String value = field.substring(colon + 1).strip();
		switch (field.substring(0, Math.max(0, colon))) {
			case "transfer-encoding" -> chunked = value.endsWith("chunked");
			case "content-length" -> left = Long.parseLong(value);
			case "connection" -> lasting = !value.equals("close");
			default -> {
			}
		}
	}

	private String header() throws IOException {
		var text = new StringBuilder();
		for (int read = raw(); read != '\n'; read = raw()) {
			if (read == CLOSED)
				throw new IOException("the connection ended within the head of an answer");
			if (read != '\r')
				text.append((char) read);
		}
		return text.toString();
	}

	/** The next line of the body, without its end, in {@link #line()}: its length, or -1 at the end of the body. */
	int readLine() throws IOException {
		int length = 0;
		for (int read = body(); read != '\n'; read = body()) {
			if (read == CLOSED)
				return length > 0 ? length : CLOSED;
			if (length == line.length)
				line = Arrays.copyOf(line, 2 * length);
			line[length++] = (byte) read;
		}
		return length > 0 && line[length - 1] == '\r' ? length - 1 : length;
	}

	byte[] line() {
		return line;
	}

	/** All that is left of the body. */
	byte[] readAll() throws IOException {
		byte[] all = new byte[4 << 10];
		int length = 0;
		for (int read = body(); read != CLOSED; read = body()) {
			if (length == all.length)
				all = Arrays.copyOf(all, 2 * length);
			all[length++] = (byte) read;
		}
		return Arrays.copyOf(all, length);
	}

	private int body() throws IOException {
		if (left == 0 && !ended)
			nextChunk();
		if (ended)
			return CLOSED;
		int read = raw();
		if (read == CLOSED && (chunked || left != Long.MAX_VALUE))
			throw new IOException("the connection ended within an answer");
		ended = read == CLOSED;
		left--;
		return read;
	}

	private void nextChunk() throws IOException {
		if (!chunked) {
			ended = true;
			return;
		}
		String size = header();
		if (size.isEmpty())
			size = header();
		left = Long.parseLong(size.replaceFirst(";.*", "").strip(), 16);
		if (left > 0)
			return;
		ended = true;
		while (!header().isEmpty()) {
			// trailers say nothing here
		}
	}

	private int raw() throws IOException {
		return next < limit || fill() ? buffer[next++] & 0xff : CLOSED;
	}

	/** Reads more; false at the end of the connection. */
	private boolean fill() throws IOException {
		next = 0;
		limit = Math.max(0, in.read(buffer));
		return limit > 0;
	}

	/** Whether another request can follow. */
	boolean usable() {
		return ended && lasting && left != Long.MAX_VALUE;
	}

	@Override
	public void close() throws IOException {
		socket.close();
	}
}
