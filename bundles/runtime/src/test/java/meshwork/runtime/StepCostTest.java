package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepCostTest {

	/** A machine on which a step costs so much, and each row of it. */
	private static StepCost learnt(double fixed_ms, double row_ms) {
		var cost = new StepCost();
		for (int i = 0; i < 100; i++) {
			cost.measured(4, 0, (long) (1e6 * (fixed_ms + 4 * row_ms)));
			cost.measured(4, 32, (long) (1e6 * (fixed_ms + 36 * row_ms)));
			cost.measured(0, 256, (long) (1e6 * (fixed_ms + 256 * row_ms)));
		}
		return cost;
	}

	@ParameterizedTest
	@CsvSource({"7, 3", "1, 0.5", "30, 8", "5, 0.05", "100, 1"})
	void runningStreamsWaitForAQuarterOfASecondAtMostAndPiecesWasteLittle(double fixed_ms, double row_ms) {
		int rows = learnt(fixed_ms, row_ms).piece();
		double step_ms = fixed_ms + (4 + rows) * row_ms;
		assertTrue(step_ms <= 275, step_ms + " ms for " + rows + " rows");
		assertTrue(step_ms >= 45, step_ms + " ms for " + rows + " rows");
	}

	@Test
	void whereRowsAreDearAPieceHasAFewAllTheSame() {
		assertEquals(16, learnt(50, 100).piece());
		assertEquals(64, learnt(50, 100).longPiece());
	}

	@Test
	void beforeAnythingIsKnownAFewRowsAreTriedBesideOthersAndAllAlone() {
		assertEquals(16, new StepCost().piece());
		assertEquals(Integer.MAX_VALUE, new StepCost().longPiece());
	}

	@Test
	void aMachineThatSlowsDownGetsShorterPieces() {
		var cost = learnt(5, 0.5);
		int before = cost.piece();
		for (int i = 0; i < 100; i++)
			cost.measured(4, 32, 200_000_000);
		assertTrue(cost.piece() < before / 4, before + " to " + cost.piece());
	}
}
