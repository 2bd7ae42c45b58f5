package meshwork.http;

import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;
import org.osgi.service.log.Logger;

/**
 * One line for each request when it has ended: who asked for what, how long it took, and what handlers noted of it in attributes that
 * begin with {@code http.note.}. Never what was asked or answered, nor keys, nor what follows the path. Whoever else wants to hear of
 * requests is told too.
 */
final class AccessLog implements RequestLog {

	/** Attribute of a request: when the first byte of its answer was sent, by {@link System#nanoTime}. */
	static final String FIRST_BYTE = "http.firstByte";

	private static final String NOTE = "http.note.";
	private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+~,-]+");
	private static final int LONGEST = 256;

	private final Logger log;
	private final List<RequestLog> others = new CopyOnWriteArrayList<>();
	private volatile boolean on = true;

	AccessLog(Logger log) {
		this.log = log;
	}

	void on(boolean on) {
		this.on = on;
	}

	void add(RequestLog other) {
		others.add(other);
	}

	void remove(RequestLog other) {
		others.remove(other);
	}

	@Override
	public void log(Request request, Response response) {
		others.forEach(other -> other.log(request, response));
		if (!on)
			return;
		// load balancers ask for what is public all the time
		if (Boolean.TRUE.equals(request.getAttribute(Routes.PUBLIC)) && response.getStatus() < 500)
			log.debug("{}", line(request, response));
		else
			log.info("{}", line(request, response));
	}

	private static String line(Request request, Response response) {
		var line = new StringBuilder(256);
		add(line, "id", request.getAttribute(RequestId.HEADER) instanceof String id ? id : "-");
		add(line, "caller", request.getAttribute(Routes.CALLER) instanceof String caller ? caller : "-");
		add(line, "method", request.getMethod());
		add(line, "path", request.getHttpURI().getPath());
		add(line, "status", response.getStatus());
		add(line, "bytes", Response.getContentBytesWritten(response));
		add(line, "duration_ms", ms(NanoTime.since(request.getHeadersNanoTime())));
		if (request.getAttribute(FIRST_BYTE) instanceof Long first)
			add(line, "first_byte_ms", ms(first - request.getHeadersNanoTime()));
		for (String name : new TreeSet<>(request.getAttributeNameSet()))
			if (name.startsWith(NOTE))
				add(line, name.substring(NOTE.length()), request.getAttribute(name));
		return line.toString();
	}

	/** Milliseconds to one place; a formatter takes as long as the rest of the line. */
	private static String ms(long nanos) {
		long tenths = nanos / 100_000;
		return tenths / 10 + "." + tenths % 10;
	}

	private static void add(StringBuilder line, String name, Object value) {
		if (!line.isEmpty())
			line.append(' ');
		line.append(name).append('=');
		String text = String.valueOf(value);
		if (text.length() > LONGEST)
			text = text.substring(0, LONGEST);
		if (PLAIN.matcher(text).matches())
			line.append(text);
		else
			line.append('"').append(text.replaceAll("[^ -~]|[\"\\\\]", "?")).append('"');
	}
}
