package meshwork.engine.llama;

import java.lang.foreign.MemorySegment;

import meshwork.api.engine.Adapter;

/**
 * A {@code llama_adapter_lora}, which lives as long as its model.
 *
 * @param pointer usable for as long as the model is
 */
record LlamaAdapter(LlamaModel model, MemorySegment pointer) implements Adapter {
}
