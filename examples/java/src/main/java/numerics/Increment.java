package numerics;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

import java.util.List;

/** Adds one to every element. */
public final class Increment implements RequestHandler<List<Integer>, List<Integer>> {
    private static final int STEP = 1;

    @Override
    public List<Integer> handleRequest(List<Integer> numbers, Context context) {
        return numbers.stream().map(number -> number + STEP).toList();
    }
}
