package meshwork.runtime;

/**
 * What steps cost, measured as they happen; tells how much of the prompts a step may take along. Pieces of prompts pay for a step's
 * fixed cost each, so that they should be long; running streams wait for the whole step, so that it should be short.
 */
final class StepCost {

	/** The share of the fixed cost that pieces of prompts are allowed to waste is one in this many. */
	private static final int FIXED = 20;
	private static final double SHORT_ns = 50e6;
	private static final double LONG_ns = 250e6;
	private static final int LEAST = 16;

	/** As long as a step may take while nobody waits for a next token, but somebody may come. */
	private static final double ALONE_ns = 500e6;
	private static final int LEAST_ALONE = 64;

	private double decode_ns;
	private double prompt_ns;

	/** A step was done: of so many rows for running streams, and so many of prompts. */
	void measured(int decodes, int prompts, long took_ns) {
		if (prompts == 0)
			decode_ns = blend(decode_ns, took_ns);
		else if (prompts >= LEAST)
			prompt_ns = blend(prompt_ns, (decodes > 0 ? Math.max(took_ns - decode_ns, took_ns / 4.0) : took_ns) / prompts);
	}

	private static double blend(double before, double now) {
		return before == 0 ? now : before + (now - before) / 8;
	}

	/** Rows of prompts that a step should have which holds nobody up. */
	int longPiece() {
		return prompt_ns == 0 ? Integer.MAX_VALUE : (int) Math.max(LEAST_ALONE, ALONE_ns / prompt_ns);
	}

	/** Rows of prompts that a step beside running streams should have. */
	int piece() {
		if (prompt_ns == 0)
			return LEAST;
		double whole_ns = Math.clamp(FIXED * decode_ns, SHORT_ns, LONG_ns);
		return (int) Math.max(LEAST, (whole_ns - decode_ns) / prompt_ns);
	}
}
