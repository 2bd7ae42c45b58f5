package meshwork.cli;

/** A command can't be carried out; the message is the one line that tells why and what to do. */
final class Refusal extends RuntimeException {

	private final ExitCode code;

	Refusal(ExitCode code, String message) {
		super(message);
		this.code = code;
	}

	ExitCode code() {
		return code;
	}
}
