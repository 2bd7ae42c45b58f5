package meshwork.bench;

import java.util.Optional;

/**
 * How one request went.
 *
 * @param due when it was to be sent, by {@link System#nanoTime()}: what it waits before that is the server's doing too
 * @param told when each piece of text came
 * @param ended when the answer was complete
 * @param promptTokens by the server's count, as the other two
 * @param failure what went wrong
 */
record Sample(long due, long[] told, long ended, int promptTokens, int cachedTokens, int outputTokens, Optional<String> failure) {

	long first() {
		return told[0];
	}

	long last() {
		return told[told.length - 1];
	}

	/** Tokens that a piece of text stands for on average. */
	double tokensPerPiece() {
		return outputTokens > 0 ? (double) outputTokens / told.length : 1;
	}
}
