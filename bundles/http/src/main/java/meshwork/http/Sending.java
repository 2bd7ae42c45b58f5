package meshwork.http;

import java.nio.ByteBuffer;

import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;

/** An answer on its way: notes when it begins, and tells when it has ended. */
final class Sending extends HttpStream.Wrapper {

	private final Request request;
	private final Runnable ended;

	Sending(HttpStream stream, Request request, Runnable ended) {
		super(stream);
		this.request = request;
		this.ended = ended;
	}

	@Override
	public void send(MetaData.Request asked, MetaData.Response response, boolean last, ByteBuffer content, Callback callback) {
		if (response != null && request.getAttribute(AccessLog.FIRST_BYTE) == null)
			request.setAttribute(AccessLog.FIRST_BYTE, NanoTime.now());
		super.send(asked, response, last, content, callback);
	}

	@Override
	public void succeeded() {
		ended.run();
		super.succeeded();
	}

	@Override
	public void failed(Throwable cause) {
		ended.run();
		super.failed(cause);
	}
}
