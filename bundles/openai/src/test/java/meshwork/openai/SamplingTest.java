package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.engine.SamplerOptions.Stage.Bias;
import meshwork.api.engine.SamplerOptions.Stage.Dry;
import meshwork.api.engine.SamplerOptions.Stage.MinP;
import meshwork.api.engine.SamplerOptions.Stage.Mirostat;
import meshwork.api.engine.SamplerOptions.Stage.Penalties;
import meshwork.api.engine.SamplerOptions.Stage.Temperature;
import meshwork.api.engine.SamplerOptions.Stage.TopK;
import meshwork.api.engine.SamplerOptions.Stage.TopNSigma;
import meshwork.api.engine.SamplerOptions.Stage.TopP;
import meshwork.api.engine.SamplerOptions.Stage.Typical;
import meshwork.api.engine.SamplerOptions.Stage.Xtc;

/** What a request says of sampling becomes a chain of stages, and what it doesn't say is as OpenAI has it. */
class SamplingTest {

	private static SamplerOptions read(String members) {
		return Sampling.read(new Fields(ApiServer.json("{" + members + "}"), ""), Optional.empty(), text -> text.chars().toArray());
	}

	private static List<Stage> stages(String members) {
		return read(members).stages();
	}

	@Test
	void nothingSaidIsTheModelsOwnDistribution() {
		assertEquals(List.of(new Temperature(1)), stages(""));
		assertEquals(List.of(new Temperature(1)), stages("\"top_p\": 1, \"top_k\": 0, \"min_p\": 0, \"frequency_penalty\": 0, \"temperature\": null"));
	}

	@Test
	void temperatureZeroIsGreedyWhateverElseNarrows() {
		assertEquals(List.of(), stages("\"temperature\": 0, \"top_p\": 0.5, \"top_k\": 3"));
		assertEquals(List.of(new Bias(Map.of(5, -100f)), new Temperature(0)), stages("\"temperature\": 0, \"logit_bias\": {\"5\": -100}"));
	}

	@Test
	void allThatLlamaServerKnowsComesInTheOrderOfItsChain() {
		assertEquals(
				List.of(new Bias(Map.of(7, Float.NEGATIVE_INFINITY, 8, 2.5f)), new Penalties(64, 1.1f, 0.5f, -0.5f),
						new Dry(0.8f, 1.75f, 2, -1, List.of("\n", ":", "\"", "*")), new TopNSigma(1.5f), new TopK(40), new Typical(0.5f, 2),
						new TopP(0.25f, 2), new MinP(0.125f, 2), new Xtc(0.5f, 0.1f, 2), new Temperature(0.75f, 0.5f, 2), new Mirostat(2, 5, 0.1f)),
				stages("""
						"mirostat": 2, "dynatemp_range": 0.5, "dynatemp_exponent": 2, "temperature": 0.75, "xtc_probability": 0.5, "min_p": 0.125,
						"top_p": 0.25, "typical_p": 0.5, "top_k": 40, "top_n_sigma": 1.5, "dry_multiplier": 0.8, "repeat_penalty": 1.1, "min_keep": 2,
						"frequency_penalty": 0.5, "presence_penalty": -0.5, "logit_bias": [[7, false], [8, 2.5]]"""));
	}

	@Test
	void samplersAreTheChainInTheirOrder() {
		String given = "\"top_k\": 40, \"top_p\": 0.25, \"min_p\": 0.125, \"temperature\": 0.75, \"repeat_penalty\": 1.1, ";
		assertEquals(List.of(new Temperature(0.75f), new TopP(0.25f, 1), new TopK(40), new Penalties(64, 1.1f, 0, 0)),
				stages(given + "\"samplers\": [\"temperature\", \"nucleus\", \"Top-K\", \"xtc\", \"top_k\", \"penalties\"]"));
		assertEquals(List.of(new Temperature(0.75f), new MinP(0.125f, 1), new TopK(40)), stages(given + "\"samplers\": \"tmk\""));
		assertEquals(List.of(new TopK(40)), stages(given + "\"samplers\": [\"top_k\"]"));
		assertEquals(List.of(new Temperature(1)), stages(given + "\"samplers\": []"));
		assertEquals(List.of(new Penalties(64, 1.1f, 0, 0), new Temperature(0)), stages("\"repeat_penalty\": 1.1, \"samplers\": [\"penalties\"], \"temperature\": 0"));
	}

	@Test
	void aTextIsBiasedInAllItsTokens() {
		assertEquals(List.of(new Bias(Map.of((int) 'a', 1f, (int) 'b', 1f, 7, -2f)), new Temperature(1)),
				stages("\"logit_bias\": [[\"ab\", 1], [7, -2]]"));
		assertEquals(List.of(new Bias(Map.of((int) 'a', Float.NEGATIVE_INFINITY, 7, -2f)), new Temperature(1)),
				stages("\"logit_bias\": {\"a\": false, \"7\": -2}"));
	}

	@Test
	void openAisPenaltiesLookAtTheWholeText() {
		assertEquals(List.of(new Penalties(-1, 1, 0.5f, 0), new Temperature(1)), stages("\"frequency_penalty\": 0.5"));
		assertEquals(List.of(new Penalties(16, 1, 0, 2), new Temperature(1)), stages("\"presence_penalty\": 2, \"repeat_last_n\": 16"));
	}

	@Test
	void aSeedIsKeptAndNoneIsAnother() {
		assertEquals(42, read("\"seed\": 42").seed());
		assertNotEquals(read("").seed(), read("").seed());
		assertNotEquals(read("\"seed\": -1").seed(), read("\"seed\": -1").seed());
	}
}
