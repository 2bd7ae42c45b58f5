package meshwork.openai;

import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationEvent.Timings;
import meshwork.api.inference.GenerationEvent.Usage;

/** What answers cost, over one or several generations. */
record Spent(Usage usage, Timings timings) {

	static final Spent NOTHING = new Spent(new Usage(0, 0, 0, 0), new Timings(0, 0, 0));

	/** Generations run side by side: tokens add up, and the longest time counts. */
	Spent and(Done done) {
		Usage other = done.usage();
		Timings time = done.timings();
		return new Spent(
				new Usage(usage.promptTokens() + other.promptTokens(), usage.cachedTokens() + other.cachedTokens(),
						usage.completionTokens() + other.completionTokens(), usage.reasoningTokens() + other.reasoningTokens()),
				new Timings(Math.max(timings.queued_ms(), time.queued_ms()), Math.max(timings.prompt_ms(), time.prompt_ms()),
						Math.max(timings.predicted_ms(), time.predicted_ms())));
	}

	Tokens tokens() {
		return new Tokens(usage.promptTokens(), usage.completionTokens(), usage.promptTokens() + usage.completionTokens(),
				new Tokens.OfPrompt(usage.cachedTokens(), 0), new Tokens.OfCompletion(usage.reasoningTokens(), 0, 0, 0));
	}

	OfResponse ofResponse() {
		return new OfResponse(usage.promptTokens(), new OfResponse.OfInput(usage.cachedTokens(), 0), usage.completionTokens(),
				new OfResponse.OfOutput(usage.reasoningTokens()), usage.promptTokens() + usage.completionTokens());
	}

	Times times() {
		int computed = usage.promptTokens() - usage.cachedTokens();
		double prompt_ms = timings.prompt_ms();
		double predicted_ms = timings.predicted_ms();
		return new Times(usage.cachedTokens(), computed, per(prompt_ms, 1), per(prompt_ms, computed), per(1000.0 * computed, prompt_ms),
				usage.completionTokens(), per(predicted_ms, 1), per(predicted_ms, usage.completionTokens()),
				per(1000.0 * usage.completionTokens(), predicted_ms));
	}

	/** To three places, which is more than is measured. */
	private static double per(double a, double b) {
		return b == 0 ? 0 : Math.round(1000 * a / b) / 1000.0;
	}

	/** The {@code usage} object. */
	record Tokens(int promptTokens, int completionTokens, int totalTokens, OfPrompt promptTokensDetails, OfCompletion completionTokensDetails) {

		record OfPrompt(int cachedTokens, int audioTokens) {
		}

		record OfCompletion(int reasoningTokens, int audioTokens, int acceptedPredictionTokens, int rejectedPredictionTokens) {
		}
	}

	/** The {@code usage} object of a response. */
	record OfResponse(int inputTokens, OfInput inputTokensDetails, int outputTokens, OfOutput outputTokensDetails, int totalTokens) {

		record OfInput(int cachedTokens, int cacheWriteTokens) {
		}

		record OfOutput(int reasoningTokens) {
		}
	}

	/** The {@code usage} object where nothing is said. */
	record OfReading(int promptTokens, int totalTokens) {
		OfReading(int tokens) {
			this(tokens, tokens);
		}
	}

	/** llama-server's {@code timings} object: tokens, milliseconds, and tokens per second. */
	record Times(int cacheN, int promptN, double promptMs, double promptPerTokenMs, double promptPerSecond, int predictedN,
			double predictedMs, double predictedPerTokenMs, double predictedPerSecond) {
	}
}
