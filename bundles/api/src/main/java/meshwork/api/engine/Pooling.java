package meshwork.api.engine;

/** How the hidden states of a sequence's tokens become one embedding. */
public enum Pooling {
	/** Not at all: each token keeps its own. */
	NONE,
	/** Their mean. */
	MEAN,
	/** That of the first token. */
	CLS,
	/** That of the last token. */
	LAST,
	/** Scores that the model's classification head gives the sequence; for models that have one. */
	RANK
}
