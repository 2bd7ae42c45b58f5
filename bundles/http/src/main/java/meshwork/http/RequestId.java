package meshwork.http;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** The name of a request, the client's own if it is a sane one; it stands on the response too, where handlers find it. */
final class RequestId {

	static final String HEADER = "x-request-id";

	/** Clients of Anthropic's API send it, and look for the name of the request elsewhere. */
	static final String ANTHROPIC = "anthropic-version";

	private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

	private RequestId() {
	}

	static void stamp(Request request, Response response) {
		String id = (String) request.getAttribute(HEADER);
		if (id == null) {
			String sent = request.getHeaders().get(HEADER);
			id = sent != null && SANE.matcher(sent).matches() ? sent : next();
			request.setAttribute(HEADER, id);
		}
		response.getHeaders().put(HEADER, id);
		if (request.getHeaders().contains(ANTHROPIC))
			response.getHeaders().put("request-id", id);
	}

	static String next() {
		var random = ThreadLocalRandom.current();
		return "req_%016x%08x".formatted(random.nextLong(), random.nextInt());
	}
}
