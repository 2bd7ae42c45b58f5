package meshwork.openai;

import java.io.IOException;
import java.util.Set;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

import meshwork.api.inference.InferenceException;

/** A part of the API: a few paths, a few methods. */
abstract class Endpoint extends Handler.Abstract {

	private final Set<String> methods;
	private final String allowed;

	Endpoint(String... methods) {
		this.methods = Set.of(methods);
		allowed = String.join(", ", methods) + ", OPTIONS";
	}

	@Override
	public final boolean handle(Request request, Response response, Callback callback) throws Exception {
		var exchange = new Exchange(request, response, callback);
		if (!methods.contains(request.getMethod())) {
			if (request.getMethod().equals("OPTIONS")) {
				response.getHeaders().put(HttpHeader.ALLOW, allowed);
				response.setStatus(HttpStatus.NO_CONTENT_204);
				callback.succeeded();
			} else {
				refuseMethod(exchange, allowed);
			}
			return true;
		}
		try {
			answer(exchange);
		} catch (Refusal refusal) {
			exchange.answer(refusal);
		} catch (InferenceException e) {
			exchange.answer(Refusal.of(e, "prompt"));
		} catch (IOException gone) {
			callback.failed(gone);
		}
		return true;
	}

	static void refuseMethod(Exchange exchange, String allowed) {
		exchange.response().getHeaders().put(HttpHeader.ALLOW, allowed);
		Response.writeError(exchange.request(), exchange.response(), exchange.callback(), HttpStatus.METHOD_NOT_ALLOWED_405);
	}

	/**
	 * Answers, or leaves it to the caller.
	 *
	 * @throws Refusal when nothing was answered yet
	 * @throws InferenceException as well, where a prompt that is too long is called that
	 */
	abstract void answer(Exchange exchange) throws Exception;
}
