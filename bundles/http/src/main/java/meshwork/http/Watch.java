package meshwork.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;

import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Watches a connection for its end while nobody reads from it. Jetty notices that an HTTP/1.1 client is gone only when it reads or
 * writes; between a request and the first byte of its answer it does neither. Watching takes the place of the missing reader: it asks
 * for readability and then reads one byte ahead. The end of the stream tells that the client is gone; a byte is the next request's
 * first, and the next {@link #fill} delivers it.
 */
abstract class Watch {

	private final Callback readable = new Callback() {
		@Override
		public void succeeded() {
			onReadable();
		}

		@Override
		public void failed(Throwable cause) {
			onEnd(cause);
		}
	};

	/** A byte read ahead, if it has one remaining. */
	private final ByteBuffer ahead = ByteBuffer.allocate(1).limit(0);

	/** Whether {@link #readable} is with the selector. */
	private boolean asked;

	/** Who else wants to read; called in place of watching. */
	private Callback reader;

	/** Whom to tell of the end. */
	private Runnable watcher;

	/** Reads from the connection itself. */
	abstract int read(ByteBuffer buffer) throws IOException;

	/** Asks the connection itself. */
	abstract boolean tryAsk(Callback callback);

	/** Whether somebody has asked the connection itself. */
	abstract boolean isAsked();

	/** Calls the watcher once when the client goes away. To be used when a request is read completely, and until it is answered. */
	final synchronized void begin(Runnable watcher) {
		this.watcher = watcher;
		ask();
	}

	final synchronized void end() {
		watcher = null;
	}

	private void ask() {
		if (!asked && !ahead.hasRemaining())
			asked = tryAsk(readable);
	}

	private void onReadable() {
		Callback reads;
		Runnable watches = null;
		synchronized (this) {
			asked = false;
			reads = reader;
			reader = null;
			if (reads == null && watcher != null) {
				if (ended()) {
					watches = watcher;
					watcher = null;
				} else {
					ask();
				}
			}
		}
		if (reads != null)
			reads.succeeded();
		else if (watches != null)
			watches.run();
	}

	private boolean ended() {
		BufferUtil.clear(ahead);
		try {
			return read(ahead) < 0;
		} catch (IOException e) {
			return true;
		}
	}

	private void onEnd(Throwable cause) {
		Callback reads;
		Runnable watches;
		synchronized (this) {
			asked = false;
			reads = reader;
			reader = null;
			watches = watcher;
			watcher = null;
		}
		if (reads != null)
			reads.failed(cause);
		else if (watches != null)
			watches.run();
	}

	final synchronized int fill(ByteBuffer buffer) throws IOException {
		if (!ahead.hasRemaining())
			return read(buffer);
		int first = BufferUtil.append(buffer, ahead);
		return first + Math.max(0, read(buffer));
	}

	final synchronized void fillInterested(Callback callback) {
		if (!tryFillInterested(callback))
			throw new ReadPendingException();
	}

	final synchronized boolean tryFillInterested(Callback callback) {
		if (!asked)
			return tryAsk(callback);
		if (reader != null)
			return false;
		reader = callback;
		return true;
	}

	final synchronized boolean isFillInterested() {
		return asked ? reader != null : isAsked();
	}
}
