package meshwork.openai;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

import tools.jackson.databind.JsonNode;

/** A request and the way to answer it, once. */
record Exchange(Request request, Response response, Callback callback) {

	/** Reads the body; blocks until it is there. */
	Fields body() throws IOException {
		JsonNode body = Json.read(BufferUtil.toArray(Content.Source.asByteBuffer(request)));
		if (!body.isObject())
			throw Refusal.malformed("the body has to be a JSON object");
		return new Fields(body, "");
	}

	/** Names the request, in logs and to the client. */
	String id() {
		return Optional.ofNullable(response.getHeaders().get("x-request-id")).orElse("");
	}

	/** Who asks, if it is known. */
	String caller() {
		return Optional.ofNullable((String) request.getAttribute("http.caller")).orElse("");
	}

	/** Has something done when the client goes away before it is answered. */
	void whenGone(Runnable action) {
		request.addFailureListener(failure -> {
			Noted.gone(request);
			action.run();
		});
	}

	void answer(int status, Object json) {
		response.setStatus(status);
		response.getHeaders().put(HttpHeader.CONTENT_TYPE, MimeTypes.Type.APPLICATION_JSON.asString());
		response.write(true, ByteBuffer.wrap(Json.write(json)), callback);
	}

	/** A parameter of the address. */
	Optional<String> query(String name) {
		return Optional.ofNullable(Request.extractQueryParameters(request).getValue(name)).filter(value -> !value.isEmpty());
	}

	void answer(Refusal refusal) {
		refusal.retryAfter().ifPresent(wait -> response.getHeaders().put(HttpHeader.RETRY_AFTER, Math.max(1, wait.toSeconds())));
		if (isAnthropic())
			answer(AnthropicFault.status(refusal), AnthropicFault.of(refusal, id()));
		else
			answer(refusal.status(), refusal.body());
	}

	/** Whether the client speaks Anthropic's API rather than OpenAI's. */
	boolean isAnthropic() {
		return request.getHeaders().contains("anthropic-version") || Request.getPathInContext(request).startsWith("/v1/messages");
	}
}
