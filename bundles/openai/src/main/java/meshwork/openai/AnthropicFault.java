package meshwork.openai;

import java.util.Optional;

/** An error as Anthropic's API words it. */
record AnthropicFault(String type, Fault error, String requestId) {

	/** Their status for what comes too fast. */
	private static final int OVERLOADED = 529;

	record Fault(String type, String message) {
	}

	static AnthropicFault of(Refusal refusal, String requestId) {
		return new AnthropicFault("error", new Fault(type(status(refusal)), message(refusal)), requestId);
	}

	static int status(Refusal refusal) {
		return refusal.status() == 429 ? OVERLOADED : refusal.status();
	}

	private static String type(int status) {
		return switch (status) {
			case 400 -> "invalid_request_error";
			case 404 -> "not_found_error";
			case OVERLOADED -> "overloaded_error";
			default -> "api_error";
		};
	}

	/** Clients look for these words to know that they have to make the conversation shorter. */
	private static String message(Refusal refusal) {
		boolean tooLong = refusal.body().error().code().equals(Optional.of("context_length_exceeded"));
		return (tooLong ? "prompt is too long: " : "") + refusal.getMessage();
	}
}
