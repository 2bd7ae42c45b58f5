package meshwork.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connection that can be watched for its end while nobody reads from it. Jetty notices that an HTTP/1.1 client is gone only
 * when it reads or writes; between a request and the first byte of its answer it does neither. Watching takes the place of the
 * missing reader: it asks the selector for readability and then reads one byte ahead. The end of the stream tells that the client is
 * gone; a byte is the next request's first, and the next {@link #fill} delivers it.
 */
final class WatchingEndPoint extends SocketChannelEndPoint {

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

	WatchingEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
		super(channel, selector, key, scheduler);
	}

	/** Calls the watcher once when the client goes away. To be used when a request is read completely, and until it is answered. */
	synchronized void watch(Runnable watcher) {
		this.watcher = watcher;
		ask();
	}

	synchronized void unwatch() {
		watcher = null;
	}

	private void ask() {
		if (!asked && !ahead.hasRemaining())
			asked = super.tryFillInterested(readable);
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
		ahead.clear();
		try {
			return getChannel().read(ahead) < 0;
		} catch (IOException e) {
			return true;
		} finally {
			ahead.flip();
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

	@Override
	public synchronized int fill(ByteBuffer buffer) throws IOException {
		if (!ahead.hasRemaining())
			return super.fill(buffer);
		int first = BufferUtil.append(buffer, ahead);
		return first + Math.max(0, super.fill(buffer));
	}

	@Override
	public synchronized void fillInterested(Callback callback) {
		if (!tryFillInterested(callback))
			throw new ReadPendingException();
	}

	@Override
	public synchronized boolean tryFillInterested(Callback callback) {
		if (!asked)
			return super.tryFillInterested(callback);
		if (reader != null)
			return false;
		reader = callback;
		return true;
	}

	@Override
	public synchronized boolean isFillInterested() {
		return asked ? reader != null : super.isFillInterested();
	}
}
