package meshwork.api.inference;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a model does just now, and what it has done since it was loaded.
 *
 * @param model its id
 * @param since when it was ready
 * @param places how many sequences it decodes at once
 * @param running those that it decodes now, by place
 * @param waiting how many requests wait for a place
 * @param memory what it remembers
 * @param done what it has done
 */
public record Activity(String model, Instant since, int places, List<Running> running, int waiting, Memory memory, Done done) {

	public Activity {
		running = List.copyOf(running);
	}

	/**
	 * A choice that is decoded.
	 *
	 * @param place 0…places−1
	 * @param request names the request in logs
	 * @param caller who asked; empty when nobody is known
	 * @param promptTokens of its prompt
	 * @param cachedTokens those of them that had not to be computed
	 * @param readTokens those of them that the memory holds
	 * @param generatedTokens what it has said so far
	 * @param age since it has its place
	 * @param speed_tps tokens a second that it gets
	 */
	public record Running(int place, String request, String caller, int promptTokens, int cachedTokens, int readTokens, int generatedTokens,
			Duration age, double speed_tps) {
	}

	/**
	 * What is remembered of sequences.
	 *
	 * @param cells tokens that there is room for
	 * @param usedCells tokens that running sequences hold
	 * @param keptCells tokens kept of earlier prompts, which give way when room is needed
	 * @param sequences how many earlier prompts are kept
	 * @param savedBytes what is kept outside the engine, in memory
	 */
	public record Memory(int cells, int usedCells, int keptCells, int sequences, long savedBytes) {
	}

	/**
	 * What was done since the model was loaded.
	 *
	 * @param requests that ended, however they did
	 * @param cancelled those of them that their reader gave up
	 * @param failed those of them that broke off
	 * @param promptTokens tokens of prompts that were computed
	 * @param cachedTokens tokens of prompts that had not to be computed
	 * @param generatedTokens tokens that were picked
	 * @param prompt_s from a request's place to its first token, summed
	 * @param generation_s from its first token to its last, summed
	 * @param steps decodes
	 * @param busyPlaces places that took part in a decode, summed over the steps
	 * @param longest most tokens that a sequence had
	 * @param queued how long requests waited for a place
	 * @param firstToken how long it took from the request to the first token
	 * @param nextToken how long it took from one token of a choice to its next
	 * @param whole how long requests took
	 */
	public record Done(long requests, long cancelled, long failed, long promptTokens, long cachedTokens, long generatedTokens, double prompt_s,
			double generation_s, long steps, long busyPlaces, int longest, Times queued, Times firstToken, Times nextToken, Times whole) {
	}

	/**
	 * How long something took, as a histogram.
	 *
	 * @param most_s upper bounds of the buckets, rising
	 * @param counts how many fell into each bucket; one more than there are bounds
	 * @param sum_s all together
	 */
	public record Times(double[] most_s, long[] counts, double sum_s) {
	}
}
