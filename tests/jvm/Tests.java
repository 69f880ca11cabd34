package jot;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Runs every method of the test classes that takes nothing; the last line is the total. */
public final class Tests {
    private static final List<Class<?>> CLASSES =
            List.of(
                    SplitTests.class,
                    WriteTests.class,
                    ToolTests.class,
                    TaskTests.class,
                    SessionTests.class,
                    NativeTests.class);

    private Tests() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        int passed = 0;
        int failed = 0;
        for (Class<?> tests : CLASSES) {
            Method[] methods = tests.getDeclaredMethods();
            Arrays.sort(methods, Comparator.comparing(Method::getName));
            for (Method method : methods) {
                if (method.isSynthetic()
                        || method.getParameterCount() > 0
                        || method.getReturnType() != void.class) {
                    continue;
                }
                try {
                    method.invoke(tests.getDeclaredConstructor().newInstance());
                    passed++;
                } catch (InvocationTargetException fault) {
                    failed++;
                    out.println("FAILED " + tests.getSimpleName() + "." + method.getName());
                    fault.getCause().printStackTrace(out);
                }
            }
        }
        out.println(passed + " passed, " + failed + " failed");
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    static void same(Object wanted, Object found) {
        if (!wanted.equals(found)) {
            throw new AssertionError("wanted " + wanted + ", found " + found);
        }
    }

    static void holds(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    /** What may fail. */
    interface Work {
        void run() throws Exception;
    }

    /** The message with which {@code work} stops. */
    static String stopped(Work work) throws Exception {
        try {
            work.run();
        } catch (Stop stop) {
            return stop.getMessage();
        }
        throw new AssertionError("it did not stop");
    }
}
