package meshwork.http;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.NanoTime;

/**
 * A request with a bound on its body, whose failure listeners hear too when the client goes away while nothing is read or
 * written, as in a long prefill.
 */
final class Incoming extends Request.Wrapper {

	/** Bytes a second that a body arrives with at least, after a time. */
	private static final long SLOWEST = 64 << 10;

	private final long maxBody;
	private final Duration arrive;
	private final List<Consumer<Throwable>> listeners = new CopyOnWriteArrayList<>();
	private long began;
	private long seen;
	private volatile boolean whole;

	/** @param arrive how long a small body may take to arrive */
	Incoming(Request request, long maxBody, Duration arrive) {
		super(request);
		this.maxBody = maxBody;
		this.arrive = arrive;
	}

	@Override
	public Content.Chunk read() {
		if (getLength() > maxBody)
			return tooLarge();
		if (began == 0)
			began = NanoTime.now();
		Content.Chunk chunk = super.read();
		if (chunk == null)
			return chunk;
		if (Content.Chunk.isFailure(chunk))
			return chunk.getFailure() instanceof TimeoutException late ? failed(HttpStatus.REQUEST_TIMEOUT_408, late.getMessage()) : chunk;
		seen += chunk.remaining();
		if (seen > maxBody) {
			chunk.release();
			return tooLarge();
		}
		if (chunk.isLast()) {
			whole = true;
			watch();
		} else if (NanoTime.since(began) > arrive.plusSeconds(seen / SLOWEST).toNanos()) {
			chunk.release();
			return failed(HttpStatus.REQUEST_TIMEOUT_408, "the body arrives too slowly");
		}
		return chunk;
	}

	private Content.Chunk tooLarge() {
		return failed(HttpStatus.PAYLOAD_TOO_LARGE_413, "the body is larger than %d bytes, which is maxBody of meshwork.http".formatted(maxBody));
	}

	private static Content.Chunk failed(int status, String message) {
		return Content.Chunk.from(new HttpException.RuntimeException(status, message), true);
	}

	@Override
	public void addFailureListener(Consumer<Throwable> listener) {
		super.addFailureListener(listener);
		listeners.add(listener);
		watch();
	}

	private void watch() {
		if (whole && !listeners.isEmpty() && endPoint() instanceof Watched watched)
			watched.watch().begin(() -> {
				var gone = new EofException("the client went away");
				listeners.forEach(listener -> listener.accept(gone));
			});
	}

	void unwatch() {
		if (endPoint() instanceof Watched watched)
			watched.watch().end();
	}

	private Object endPoint() {
		return getConnectionMetaData().getConnection().getEndPoint();
	}
}
