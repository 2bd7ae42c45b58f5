package meshwork.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/** Answers whatever goes wrong below the handlers with the error object of OpenAI's API, or of Anthropic's for its clients. */
final class ErrorAnswers extends ErrorHandler {

	private static final HttpField JSON = new HttpField(HttpHeader.CONTENT_TYPE, "application/json");

	@Override
	public boolean handle(Request request, Response response, Callback callback) {
		int status = response.getStatus();
		RequestId.stamp(request, response);
		Origins.stamp(request, response);
		if (status == HttpStatus.SERVICE_UNAVAILABLE_503)
			response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
		response.getHeaders().put(JSON);
		String message = message(request, status);
		response.write(true, request.getHeaders().contains(RequestId.ANTHROPIC)
				? anthropic(status, message, response.getHeaders().get(RequestId.HEADER)) : body(status, message), callback);
		return true;
	}

	@Override
	public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable headers) {
		headers.put(JSON);
		headers.put(RequestId.HEADER, RequestId.next());
		return body(status, reason == null ? HttpStatus.getMessage(status) : reason);
	}

	private static String message(Request request, int status) {
		String given = (String) request.getAttribute(ERROR_MESSAGE);
		String asked = request.getMethod() + " " + request.getHttpURI().getPath();
		return switch (status) {
			case HttpStatus.UNAUTHORIZED_401 -> "a valid API key is needed: send 'Authorization: Bearer KEY' or 'x-api-key: KEY'";
			case HttpStatus.NOT_FOUND_404 -> "there is nothing at this address (%s)".formatted(asked);
			case HttpStatus.METHOD_NOT_ALLOWED_405 -> "this address does not know this method (%s)".formatted(asked);
			case HttpStatus.SERVICE_UNAVAILABLE_503 -> "nobody answers at this address at the moment (%s): try again".formatted(asked);
			case HttpStatus.INTERNAL_SERVER_ERROR_500 -> "the node failed to answer; its log says why";
			default -> given == null || given.isBlank() ? HttpStatus.getMessage(status) : given;
		};
	}

	private static ByteBuffer body(int status, String message) {
		String type = switch (status) {
			case HttpStatus.FORBIDDEN_403 -> "permission_error";
			case HttpStatus.TOO_MANY_REQUESTS_429 -> "rate_limit_error";
			case HttpStatus.SERVICE_UNAVAILABLE_503 -> "unavailable_error";
			default -> status < 500 ? "invalid_request_error" : "server_error";
		};
		String code = switch (status) {
			case HttpStatus.UNAUTHORIZED_401 -> "\"invalid_api_key\"";
			case HttpStatus.METHOD_NOT_ALLOWED_405 -> "\"method_not_supported\"";
			case HttpStatus.TOO_MANY_REQUESTS_429 -> "\"rate_limit_exceeded\"";
			default -> "null";
		};
		return BufferUtil.toBuffer("{\"type\":\"error\",\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,\"code\":%s}}".formatted(escape(message),
				type, code), StandardCharsets.UTF_8);
	}

	private static ByteBuffer anthropic(int status, String message, String request) {
		String type = switch (status) {
			case HttpStatus.UNAUTHORIZED_401 -> "authentication_error";
			case HttpStatus.FORBIDDEN_403 -> "permission_error";
			case HttpStatus.NOT_FOUND_404 -> "not_found_error";
			case HttpStatus.PAYLOAD_TOO_LARGE_413 -> "request_too_large";
			case HttpStatus.TOO_MANY_REQUESTS_429 -> "rate_limit_error";
			default -> status < 500 ? "invalid_request_error" : "api_error";
		};
		return BufferUtil.toBuffer("{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"%s\"},\"request_id\":\"%s\"}".formatted(type,
				escape(message), request), StandardCharsets.UTF_8);
	}

	private static String escape(String text) {
		var escaped = new StringBuilder();
		for (char c : text.toCharArray())
			if (c == '"' || c == '\\')
				escaped.append('\\').append(c);
			else if (c < ' ')
				escaped.append("\\u%04x".formatted((int) c));
			else
				escaped.append(c);
		return escaped.toString();
	}
}
