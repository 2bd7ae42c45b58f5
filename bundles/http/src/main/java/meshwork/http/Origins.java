package meshwork.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** The web sites whose pages may read answers (CORS); without any, nothing is said of it. */
record Origins(Set<String> allowed) {

	/** Attribute of a request: the allowed site that it came from. */
	private static final String ORIGIN = "http.origin";

	/** What official clients send. */
	private static final Pattern HEADERS = Pattern.compile(
			"authorization|content-type|accept|x-api-key|x-request-id|idempotency-key|(anthropic|openai|x-stainless)-[a-z0-9-]+");

	/** @throws IllegalArgumentException when one is no origin */
	static Origins of(String... origins) {
		return new Origins(Arrays.stream(origins).map(String::strip).filter(origin -> !origin.isEmpty()).map(Origins::checked).collect(Collectors.toUnmodifiableSet()));
	}

	private static String checked(String origin) {
		try {
			var uri = new URI(origin);
			if (uri.getScheme() != null && uri.getHost() != null && uri.getRawPath().isEmpty() && uri.getRawQuery() == null && uri.getRawUserInfo() == null)
				return origin.toLowerCase(Locale.ROOT);
		} catch (URISyntaxException e) {
			// said below
		}
		throw new IllegalArgumentException("corsOrigins of meshwork.http has '%s': name each site as browsers do, such as https://chat.example.org, without a path"
				.formatted(origin));
	}

	boolean allow(String origin) {
		return allowed.contains(origin.toLowerCase(Locale.ROOT));
	}

	/** Marks an answer for the site that asks, if that is allowed to read it. */
	void mark(Request request, Response response) {
		if (allowed.isEmpty())
			return;
		Optional.ofNullable(request.getHeaders().get(HttpHeader.ORIGIN)).filter(this::allow).ifPresent(origin -> request.setAttribute(ORIGIN, origin));
		response.getHeaders().ensureField(new HttpField(HttpHeader.VARY, "Origin"));
		stamp(request, response);
	}

	/** Says the same again on an answer that was begun anew. */
	static void stamp(Request request, Response response) {
		if (!(request.getAttribute(ORIGIN) instanceof String origin))
			return;
		response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
		response.getHeaders().put(HttpHeader.ACCESS_CONTROL_EXPOSE_HEADERS, "x-request-id, retry-after");
	}

	/** Whether a browser asks if a page may send a request; it sends no key with that. */
	static boolean preflight(Request request) {
		return request.getAttribute(ORIGIN) != null && HttpMethod.OPTIONS.is(request.getMethod())
				&& request.getHeaders().contains(HttpHeader.ACCESS_CONTROL_REQUEST_METHOD);
	}

	/** Answers it. */
	static void answer(Request request, Response response) {
		HttpFields.Mutable headers = response.getHeaders();
		headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, DELETE, OPTIONS");
		String asked = Optional.ofNullable(request.getHeaders().get(HttpHeader.ACCESS_CONTROL_REQUEST_HEADERS)).orElse("");
		headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_HEADERS, Stream.of(asked.toLowerCase(Locale.ROOT).split(","))
				.map(String::strip).filter(name -> HEADERS.matcher(name).matches()).collect(Collectors.joining(", ")));
		headers.put(HttpHeader.ACCESS_CONTROL_MAX_AGE, "600");
		if (request.getHeaders().contains("access-control-request-private-network"))
			headers.put("access-control-allow-private-network", "true");
		response.setStatus(HttpStatus.NO_CONTENT_204);
	}
}
