package meshwork.api.draft;

import java.lang.foreign.MemorySegment;
import java.nio.IntBuffer;
import java.util.Optional;

/**
 * What a drafter may look at.
 *
 * @param sequence names the sequence for as long as it lives
 * @param tokens the tokens accepted so far, prompt included; a read-only view
 * @param hidden the hidden state at the last accepted token, f32 {@code [n_embd]}, if the drafter needs it; valid during the call
 * @param maxNodes how many nodes pay
 */
public record DraftContext(long sequence, IntBuffer tokens, Optional<MemorySegment> hidden, int maxNodes) {
}
