package org.example.shop;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

public abstract class Base<T> implements RequestHandler<T, String> {
    public String handleRequest(T event, Context context) {
        return answer(event);
    }

    protected abstract String answer(T event);
}
