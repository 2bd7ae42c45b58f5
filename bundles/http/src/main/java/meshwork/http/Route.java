package meshwork.http;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.util.component.LifeCycle;
import org.osgi.framework.ServiceReference;

/** A handler service, the paths it answers, and the requests that it is answering. */
final class Route {

	private final Handler handler;
	private final ServiceReference<Handler> reference;
	private final List<String> patterns;
	private final boolean isPublic;
	private int running;
	private boolean closed;

	private Route(Handler handler, ServiceReference<Handler> reference, List<String> patterns, boolean isPublic) {
		this.handler = handler;
		this.reference = reference;
		this.patterns = patterns;
		this.isPublic = isPublic;
	}

	static Route of(Handler handler, ServiceReference<Handler> reference) {
		List<String> patterns = switch (reference.getProperty(HttpServer.PATH)) {
			case String[] several -> List.of(several);
			case Collection<?> several -> several.stream().map(String::valueOf).toList();
			case Object one -> List.of(one.toString());
		};
		return new Route(handler, reference, patterns, Boolean.parseBoolean(String.valueOf(reference.getProperty(HttpServer.PUBLIC))));
	}

	/** The better one of two for the same path first: by ranking, then by age. */
	static Comparator<Route> byRanking() {
		return Comparator.comparing((Route route) -> route.reference).reversed();
	}

	Handler handler() {
		return handler;
	}

	List<String> patterns() {
		return patterns;
	}

	/** Whether it answers without an API key. */
	boolean isPublic() {
		return isPublic;
	}

	/** Keeps the handler alive for one request; empty if it is going away. */
	synchronized Optional<Lease> lease() {
		if (closed)
			return Optional.empty();
		running++;
		return Optional.of(new Lease(this, new AtomicBoolean()));
	}

	/** Gives out no more leases; the handler stops with the last one. */
	synchronized void close() {
		closed = true;
		stopWhenUnused();
	}

	/** Waits until no request runs here, but not for ever. */
	synchronized void awaitEnd(Duration most) throws InterruptedException {
		long until = System.nanoTime() + most.toNanos();
		for (long left = most.toNanos(); running > 0 && left > 0; left = until - System.nanoTime())
			TimeUnit.NANOSECONDS.timedWait(this, left);
	}

	private synchronized void leave() {
		running--;
		notifyAll();
		stopWhenUnused();
	}

	private void stopWhenUnused() {
		if (closed && running == 0)
			LifeCycle.stop(handler);
	}

	/** The right to use a handler for one request. */
	record Lease(Route route, AtomicBoolean ended) implements AutoCloseable {
		@Override
		public void close() {
			if (ended.compareAndSet(false, true))
				route.leave();
		}
	}
}
