package meshwork.api.draft;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Proposes continuations of a sequence for the target model to verify. A drafter never decides: whatever it proposes, the
 * text is the target's. Called from one thread per sequence.
 */
@ConsumerType
public interface Drafter {

	/** Whether {@link DraftContext#hidden} has to be there. */
	default boolean needsHidden() {
		return false;
	}

	/**
	 * Proposes a token tree that starts after the last accepted token.
	 *
	 * @return a tree of at most {@code context.maxNodes()} nodes; {@link TokenTree#EMPTY} when there is nothing to say
	 */
	TokenTree propose(DraftContext context);

	/** Tells what became of the last proposal. */
	void observe(Verification verification);
}
