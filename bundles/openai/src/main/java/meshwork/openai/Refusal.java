package meshwork.openai;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

import meshwork.api.inference.InferenceException;

/** A request that is answered with an error object. */
final class Refusal extends RuntimeException {

	private static final long serialVersionUID = 1;

	private final int status;
	private final transient Body body;
	private final transient Optional<Duration> retryAfter;

	private Refusal(int status, String message, Type type, Optional<String> param, Optional<String> code, Optional<Duration> retryAfter) {
		super(message, null, false, false);
		this.status = status;
		this.retryAfter = retryAfter;
		body = new Body(new Body.Fault(message, type.name().toLowerCase(Locale.ROOT), param, code));
	}

	/** Kinds of errors, by their names in the API. */
	private enum Type {
		INVALID_REQUEST_ERROR, RATE_LIMIT_ERROR, SERVER_ERROR, UNAVAILABLE_ERROR, NOT_SUPPORTED_ERROR
	}

	/** The body of the answer. */
	record Body(Fault error) {

		record Fault(String message, String type, Optional<String> param, Optional<String> code) {
		}
	}

	static Refusal malformed(String message) {
		return new Refusal(400, message, Type.INVALID_REQUEST_ERROR, Optional.empty(), Optional.empty(), Optional.empty());
	}

	static Refusal invalid(String param, String code, String message) {
		return new Refusal(400, message, Type.INVALID_REQUEST_ERROR, Optional.of(param), Optional.of(code), Optional.empty());
	}

	static Refusal missing(String param) {
		return invalid(param, "missing_required_parameter", "missing required parameter: '%s'".formatted(param));
	}

	/** For what the API knows and this node can't do. */
	static Refusal unsupported(String param, String message) {
		return invalid(param, "unsupported_parameter", message);
	}

	static Refusal unknownModel(String message) {
		return new Refusal(404, message, Type.INVALID_REQUEST_ERROR, Optional.of("model"), Optional.of("model_not_found"), Optional.empty());
	}

	static Refusal unknown(String message) {
		return new Refusal(404, message, Type.INVALID_REQUEST_ERROR, Optional.empty(), Optional.empty(), Optional.empty());
	}

	/** For an endpoint that the API has and this node does without. */
	static Refusal notThere(String message) {
		return new Refusal(501, message, Type.NOT_SUPPORTED_ERROR, Optional.empty(), Optional.empty(), Optional.empty());
	}

	/**
	 * What the API says of an exception of the node.
	 *
	 * @param prompt the parameter that the prompt came in
	 */
	static Refusal of(InferenceException e, String prompt) {
		return switch (e) {
			case InferenceException.ModelUnknown unknown -> unknownModel(unknown.getMessage());
			case InferenceException.InvalidRequest invalid -> invalid(invalid.parameter(), "invalid_value", invalid.getMessage());
			case InferenceException.ContextExceeded exceeded -> invalid(prompt, "context_length_exceeded", exceeded.getMessage());
			case InferenceException.Overloaded overloaded -> new Refusal(429, overloaded.getMessage(), Type.RATE_LIMIT_ERROR, Optional.empty(),
					Optional.of("rate_limit_exceeded"), Optional.of(overloaded.retryAfter()));
			case InferenceException.ModelNotReady notReady -> unavailable(notReady.getMessage());
			case InferenceException.ModelRefused refused -> unavailable(refused.getMessage());
			case InferenceException.GenerationFailed failed -> new Refusal(500, failed.getMessage(), Type.SERVER_ERROR, Optional.empty(),
					Optional.empty(), Optional.empty());
		};
	}

	/** For a model that answers later, perhaps. */
	static Refusal unavailable(String message) {
		return new Refusal(503, message, Type.UNAVAILABLE_ERROR, Optional.of("model"), Optional.of("model_not_ready"),
				Optional.of(Duration.ofSeconds(2)));
	}

	int status() {
		return status;
	}

	Body body() {
		return body;
	}

	/** When it may be worth another try. */
	Optional<Duration> retryAfter() {
		return retryAfter;
	}
}
