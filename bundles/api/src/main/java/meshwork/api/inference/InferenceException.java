package meshwork.api.inference;

import java.time.Duration;
import java.util.List;

/** A request can't be met; the message tells a person what is wrong and what to do. */
public abstract sealed class InferenceException extends RuntimeException {

	private InferenceException(String message, Throwable cause) {
		super(message, cause);
	}

	/** Nobody serves such a model. */
	public static final class ModelUnknown extends InferenceException {
		private final String model;

		public ModelUnknown(String model, List<String> served) {
			super("the model '%s' is not served here; %s".formatted(model,
					served.isEmpty() ? "no model is" : "there is " + String.join(", ", served)), null);
			this.model = model;
		}

		/** The model that was asked for. */
		public String model() {
			return model;
		}
	}

	/** The model is there, but not yet or no longer ready. */
	public static final class ModelNotReady extends InferenceException {
		public ModelNotReady(String message) {
			super(message, null);
		}
	}

	/** Something in the request can't be done. */
	public static final class InvalidRequest extends InferenceException {
		private final String parameter;

		public InvalidRequest(String parameter, String message) {
			this(parameter, message, null);
		}

		public InvalidRequest(String parameter, String message, Throwable cause) {
			super(message, cause);
			this.parameter = parameter;
		}

		/** What of the request it is. */
		public String parameter() {
			return parameter;
		}
	}

	/** The prompt is longer than the context. */
	public static final class ContextExceeded extends InferenceException {
		private final int promptTokens;
		private final int context;

		public ContextExceeded(int promptTokens, int context) {
			super("the prompt has %d tokens, the context has room for %d: shorten it, or serve the model with a larger --ctx-size"
					.formatted(promptTokens, context), null);
			this.promptTokens = promptTokens;
			this.context = context;
		}

		/** Tokens of the prompt. */
		public int promptTokens() {
			return promptTokens;
		}

		/** Tokens that there is room for. */
		public int context() {
			return context;
		}
	}

	/** Too many requests wait. */
	public static final class Overloaded extends InferenceException {
		private final Duration retryAfter;

		public Overloaded(String message, Duration retryAfter) {
			super(message, null);
			this.retryAfter = retryAfter;
		}

		/** When it may be worth another try. */
		public Duration retryAfter() {
			return retryAfter;
		}
	}

	/** A model can't be served. */
	public static final class ModelRefused extends InferenceException {
		private final Reason reason;

		public ModelRefused(Reason reason, String message) {
			this(reason, message, null);
		}

		public ModelRefused(Reason reason, String message, Throwable cause) {
			super(message, cause);
			this.reason = reason;
		}

		/** What kind of reason it is. */
		public Reason reason() {
			return reason;
		}

		/** Why a model can't be served. */
		public enum Reason {
			/** There is no such file, or it can't be read. */
			NO_FILE,
			/** The file is not a model. */
			NOT_A_MODEL,
			/** The file ends too early. */
			TRUNCATED,
			/** What the file says is wrong or harmful. */
			MALFORMED,
			/** No engine knows the architecture. */
			UNKNOWN_ARCHITECTURE,
			/** It takes more memory than there is. */
			TOO_BIG,
			/** No engine is there for it, or the engine could not load it. */
			NOT_LOADED,
			/** Another model has this id. */
			NAME_TAKEN
		}
	}

	/** A generation broke off. */
	public static final class GenerationFailed extends InferenceException {
		public GenerationFailed(String message) {
			this(message, null);
		}

		public GenerationFailed(String message, Throwable cause) {
			super(message, cause);
		}
	}
}
