package meshwork.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;

import meshwork.http.Route.Lease;

/**
 * Finds the handler of a request by its path: the longest pattern, then the highest ranking. A request for a path whose
 * handler has just gone waits for the successor.
 */
final class Routes extends Handler.Abstract {

	/** Attribute of a request: whose API key it came with; absent when it came with none. */
	static final String CALLER = "http.caller";

	/** Attribute of a request: the pattern of the handler that answers it. */
	static final String ROUTE = "http.route";

	/** Attribute of a request: whether anybody may ask this. */
	static final String PUBLIC = "http.open";

	private final Quota quota = new Quota();

	/** By pattern; the first of each list answers. */
	private volatile Map<String, List<Route>> routes = Map.of();

	/** Patterns that are to be answered again, and until when that is waited for, in nanoseconds. */
	private final Map<String, Long> expected = new ConcurrentHashMap<>();

	/** Until when handlers come up, so that any path may be answered yet, in nanoseconds. */
	private long starting = System.nanoTime();

	private Duration successor = Duration.ZERO;

	/** For so long from now any path may be answered yet; what was expected before is no more. */
	synchronized void expect(Duration most) {
		starting = System.nanoTime() + most.toNanos();
		expected.clear();
		notifyAll();
	}

	synchronized void successorsWithin(Duration most) {
		successor = most;
	}

	synchronized void add(Route route) {
		change(route, list -> Stream.concat(list.stream(), Stream.of(route)).sorted(Route.byRanking()).toList());
		route.patterns().forEach(expected::remove);
		notifyAll();
	}

	/** @return whether all its paths are answered by others already */
	synchronized boolean remove(Route route) {
		List<String> open = route.patterns().stream().filter(pattern -> routes.get(pattern).size() == 1).toList();
		// before it goes, so that no shorter pattern answers meanwhile
		open.forEach(pattern -> expected.put(pattern, System.nanoTime() + successor.toNanos()));
		change(route, list -> list.stream().filter(each -> each != route).toList());
		route.close();
		return open.isEmpty();
	}

	private void change(Route route, UnaryOperator<List<Route>> change) {
		var next = new HashMap<>(routes);
		for (String pattern : route.patterns()) {
			List<Route> changed = change.apply(next.getOrDefault(pattern, List.of()));
			if (changed.isEmpty())
				next.remove(pattern);
			else
				next.put(pattern, changed);
		}
		routes = Map.copyOf(next);
	}

	@Override
	public boolean handle(Request request, Response response, Callback callback) throws Exception {
		RequestId.stamp(request, response);
		Settings settings = ((Door) request.getConnectionMetaData().getConnector()).settings();
		PlainEndPoint connection = Door.endPoint(request);
		connection.answer();
		request.addHttpStreamWrapper(stream -> new Sending(stream, request, connection::answered));
		settings.origins().mark(request, response);
		if (Origins.preflight(request)) {
			Origins.answer(request, response);
			callback.succeeded();
			return true;
		}
		Optional<String> caller = settings.keys().caller(request.getHeaders());
		caller.ifPresent(name -> request.setAttribute(CALLER, name));
		boolean keyless = !settings.keys().needed();
		if (keyless && Stranger.sent(request, settings.origins())) {
			Response.writeError(request, response, callback, HttpStatus.FORBIDDEN_403,
					"without an API key only requests to and from this machine by its own names are answered, such as http://127.0.0.1; set apiKeys of meshwork.http for others, or corsOrigins for a web page");
			return true;
		}
		// the thinking of a handler is no idleness; while it reads or writes, idleness ends that
		request.addIdleTimeoutListener(idle -> false);

		String path = Request.getPathInContext(request);
		boolean admitted = keyless || caller.isPresent();
		boolean open = find(path).map(Route::isPublic).orElse(false);
		request.setAttribute(PUBLIC, open);
		if (admitted && !open && !enter(caller.orElseGet(() -> Request.getRemoteAddr(request)), settings.quota(), request, response, callback))
			return true;
		Optional<Lease> known = admitted || open ? find(path).flatMap(Route::lease) : Optional.empty();
		Optional<Lease> lease = known.isEmpty() && admitted ? awaitLease(path) : known;
		if (lease.isPresent()) {
			patterns(path).filter(lease.get().route().patterns()::contains).findFirst().ifPresent(pattern -> request.setAttribute(ROUTE, pattern));
			answer(lease.get(), new Incoming(request, settings.maxBody(), settings.arrive()), response, callback);
		} else if (!admitted) {
			response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
			Response.writeError(request, response, callback, HttpStatus.UNAUTHORIZED_401);
		} else {
			Response.writeError(request, response, callback,
					expects(path) ? HttpStatus.SERVICE_UNAVAILABLE_503 : HttpStatus.NOT_FOUND_404);
		}
		return true;
	}

	/** Whether a caller may ask for something more; otherwise it is told when. */
	private boolean enter(String caller, Quota.Limits limits, Request request, Response response, Callback callback) {
		if (limits.none())
			return true;
		Optional<Quota.Excess> excess = quota.enter(caller, limits, NanoTime.now());
		if (excess.isEmpty()) {
			request.addHttpStreamWrapper(stream -> new Sending(stream, request, () -> quota.leave(caller)));
			return true;
		}
		response.getHeaders().put(HttpHeader.RETRY_AFTER, Math.max(1, excess.get().after().plusMillis(999).toSeconds()));
		Response.writeError(request, response, callback, HttpStatus.TOO_MANY_REQUESTS_429, excess.get().message());
		return false;
	}

	private static void answer(Lease lease, Incoming request, Response response, Callback callback) throws Exception {
		Callback answered = Callback.from(callback, () -> {
			request.unwatch();
			lease.close();
		});
		try {
			if (!lease.route().handler().handle(request, response, answered))
				Response.writeError(request, response, answered, HttpStatus.NOT_FOUND_404);
		} catch (Exception | Error e) {
			// the server answers for it
			request.unwatch();
			lease.close();
			throw e;
		}
	}

	/** Waits while somebody is expected to answer this path. */
	private Optional<Lease> awaitLease(String path) throws InterruptedException {
		while (true) {
			Optional<Lease> lease = find(path).flatMap(Route::lease);
			if (lease.isPresent())
				return lease;
			synchronized (this) {
				if (find(path).isPresent())
					continue;
				long until = patterns(path).map(expected::get).filter(Objects::nonNull).reduce(starting, (a, b) -> a - b > 0 ? a : b);
				long left = until - System.nanoTime();
				if (left <= 0)
					return Optional.empty();
				TimeUnit.NANOSECONDS.timedWait(this, left);
			}
		}
	}

	/** The route of the longest pattern; none while that one is expected again, even if a shorter one is there. */
	private Optional<Route> find(String path) {
		Map<String, List<Route>> current = routes;
		return patterns(path).filter(pattern -> current.containsKey(pattern) || isExpected(pattern)).findFirst().map(current::get).map(List::getFirst);
	}

	private boolean isExpected(String pattern) {
		Long until = expected.get(pattern);
		return until != null && until - System.nanoTime() > 0;
	}

	/** Whether the path may be answered later, as it was before. */
	private boolean expects(String path) {
		return routes.isEmpty() || patterns(path).anyMatch(expected::containsKey);
	}

	/** All patterns that match a path, the longest first. */
	static Stream<String> patterns(String path) {
		return Stream.concat(Stream.of(path), Stream.iterate(path.lastIndexOf('/'), slash -> slash >= 0, slash -> path.lastIndexOf('/', slash - 1))
				.map(slash -> path.substring(0, slash) + "/*"));
	}
}
