package meshwork.http;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A handler that reads the body and then answers with a word, at once or when it is let. */
final class TestHandler extends Handler.Abstract {

	final CountDownLatch entered = new CountDownLatch(1);
	final CountDownLatch gone = new CountDownLatch(1);
	private final CountDownLatch go;
	private final String word;

	private TestHandler(String word, int waits) {
		this.word = word;
		go = new CountDownLatch(waits);
	}

	static TestHandler saying(String word) {
		return new TestHandler(word, 0);
	}

	static TestHandler waiting(String word) {
		return new TestHandler(word, 1);
	}

	void go() {
		go.countDown();
	}

	@Override
	public boolean handle(Request request, Response response, Callback callback) throws Exception {
		Content.Source.asString(request, StandardCharsets.UTF_8);
		request.addFailureListener(failure -> gone.countDown());
		entered.countDown();
		go.await();
		Content.Sink.write(response, true, word, callback);
		return true;
	}
}
