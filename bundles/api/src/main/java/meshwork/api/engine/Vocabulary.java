package meshwork.api.engine;

import java.util.OptionalInt;

import org.osgi.annotation.versioning.ConsumerType;

/** The tokens of a model. A token is its index, 0…{@link #size()}−1. Safe for use by many threads. */
@ConsumerType
public interface Vocabulary {

	/** How many tokens there are. */
	int size();

	/**
	 * Cuts text into tokens.
	 *
	 * @param text any text
	 * @param special read the names of control tokens in the text as those tokens; never for text that a user wrote
	 * @param begin put in front what the model expects at the start of a sequence, where it expects anything
	 */
	int[] tokenize(String text, boolean special, boolean begin);

	/**
	 * The bytes that a token stands for; a character may be spread over several tokens.
	 *
	 * @param special name control tokens rather than leaving them out
	 * @return not to be changed: the array may be the vocabulary's own
	 * @throws IndexOutOfBoundsException when there is no such token
	 */
	byte[] bytes(int token, boolean special);

	/** Whether the token ends what the model has to say. */
	boolean ends(int token);

	/** The token that begins a sequence. */
	OptionalInt begin();

	/** The token that ends a turn or a text. */
	OptionalInt end();

	/** Whether {@link #tokenize} with {@code begin} puts the begin token in front. */
	boolean addsBegin();

	/**
	 * Two texts as one sequence, as the model was trained to compare them: with what begins, separates and ends them.
	 *
	 * @throws UnsupportedOperationException when the engine ranks nothing
	 */
	default int[] pair(String first, String second) {
		throw new UnsupportedOperationException("this engine does not compare texts");
	}

	/** The token that marks a part of a text to be filled in; empty when the model was not trained to fill in. */
	default OptionalInt infill(Infill part) {
		return OptionalInt.empty();
	}

	/** Marks in the prompt of a text to be filled in. */
	enum Infill {
		/** What stands before the gap follows. */
		PREFIX,
		/** What stands after the gap follows. */
		SUFFIX,
		/** What fills the gap follows: the end of the prompt. */
		MIDDLE,
		/** The name of a repository follows. */
		REPOSITORY,
		/** The name of another file, and its text, follow. */
		FILE
	}
}
