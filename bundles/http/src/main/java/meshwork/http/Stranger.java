package meshwork.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * A web page of another site. A browser on this machine lets any page send requests to loopback, and a page whose name is made to
 * lead here (DNS rebinding) read the answers: so where no key is asked for, both names have to be this machine's, or the page's site one
 * that is allowed by name.
 */
final class Stranger {

	private static final Pattern THIS_MACHINE = Pattern.compile("localhost|.+\\.localhost|127(\\.\\d{1,3}){3}|\\[?::1]?|\\[?0:0:0:0:0:0:0:1]?");

	private Stranger() {
	}

	static boolean sent(Request request, Origins friends) {
		String origin = request.getHeaders().get(HttpHeader.ORIGIN);
		return !ofThisMachine(Request.getServerName(request)) || origin != null && !friends.allow(origin) && !ofThisMachine(host(origin));
	}

	private static String host(String origin) {
		try {
			String host = new URI(origin).getHost();
			return host == null ? origin : host;
		} catch (URISyntaxException e) {
			return origin;
		}
	}

	private static boolean ofThisMachine(String name) {
		return THIS_MACHINE.matcher(name.toLowerCase(Locale.ROOT)).matches();
	}
}
