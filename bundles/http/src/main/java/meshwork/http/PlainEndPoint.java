package meshwork.http;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;

import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.thread.Scheduler;

/** A connection, and since when it is waited for a request that has begun to arrive on it. */
final class PlainEndPoint extends SocketChannelEndPoint implements Watched {

	private final Watch watch = new Watch() {
		@Override
		int read(ByteBuffer buffer) throws IOException {
			int read = PlainEndPoint.super.fill(buffer);
			if (read > 0)
				arrived();
			return read;
		}

		@Override
		boolean tryAsk(Callback callback) {
			return PlainEndPoint.super.tryFillInterested(callback);
		}

		@Override
		boolean isAsked() {
			return PlainEndPoint.super.isFillInterested();
		}
	};

	private final SocketAddress from;
	private boolean arriving;
	private boolean answering;
	private long since;

	PlainEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
		super(channel, selector, key, scheduler);
		// a closed socket does not tell any more
		from = getRemoteSocketAddress();
	}

	/** Whose connection it is. */
	SocketAddress from() {
		return from;
	}

	private synchronized void arrived() {
		if (arriving || answering)
			return;
		arriving = true;
		since = NanoTime.now();
	}

	/** The head of a request is here. */
	synchronized void answer() {
		answering = true;
		arriving = false;
	}

	/** A request is answered. */
	synchronized void answered() {
		answering = false;
	}

	/** Whether the head of a request arrives for longer than that. */
	synchronized boolean dawdles(Duration most) {
		return arriving && NanoTime.since(since) > most.toNanos();
	}

	@Override
	public Watch watch() {
		return watch;
	}

	@Override
	public int fill(ByteBuffer buffer) throws IOException {
		return watch.fill(buffer);
	}

	@Override
	public void fillInterested(Callback callback) {
		watch.fillInterested(callback);
	}

	@Override
	public boolean tryFillInterested(Callback callback) {
		return watch.tryFillInterested(callback);
	}

	@Override
	public boolean isFillInterested() {
		return watch.isFillInterested();
	}
}
