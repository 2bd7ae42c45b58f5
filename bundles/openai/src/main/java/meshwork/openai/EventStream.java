package meshwork.openai;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;

/**
 * An answer as server-sent events. Each is on its way when the method returns, which blocks as long as the client does not
 * read; the response begins with the first.
 */
final class EventStream {

	private static final byte[] EVENT = "event: ".getBytes(StandardCharsets.US_ASCII);
	private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
	private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
	private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

	private final Exchange exchange;
	private boolean begun;

	EventStream(Exchange exchange) {
		this.exchange = exchange;
	}

	/** Whether anything was sent, so that the status can't be changed any more. */
	boolean begun() {
		return begun;
	}

	void send(Object json) throws IOException {
		write(event(Json.write(json)), false);
	}

	/** Sends an event that has a name. */
	void send(String name, Object json) throws IOException {
		byte[] event = event(Json.write(json));
		byte[] label = name.getBytes(StandardCharsets.US_ASCII);
		write(ByteBuffer.allocate(EVENT.length + label.length + 1 + event.length).put(EVENT).put(label).put((byte) '\n').put(event).array(), false);
	}

	/** Ends the stream as one that is complete, and says so. */
	void done() throws IOException {
		write(event(DONE), true);
		exchange.callback().succeeded();
	}

	/** Ends the stream as one that broke off. */
	void fail(Refusal refusal) throws IOException {
		write(event(Json.write(refusal.body())), true);
		exchange.callback().succeeded();
	}

	/** Ends the stream; its events have told how. */
	void end() throws IOException {
		write(new byte[0], true);
		exchange.callback().succeeded();
	}

	private static byte[] event(byte[] data) {
		return ByteBuffer.allocate(DATA.length + data.length + END.length).put(DATA).put(data).put(END).array();
	}

	private void write(byte[] events, boolean last) throws IOException {
		if (!begun) {
			begun = true;
			HttpFields.Mutable headers = exchange.response().getHeaders();
			headers.put(HttpHeader.CONTENT_TYPE, "text/event-stream; charset=utf-8");
			headers.put(HttpHeader.CACHE_CONTROL, "no-cache");
			headers.put("X-Accel-Buffering", "no");
		}
		Content.Sink.write(exchange.response(), last, ByteBuffer.wrap(events));
	}
}
