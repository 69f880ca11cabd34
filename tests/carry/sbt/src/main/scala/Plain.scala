package org.example.orders

class Plain:
  def answer(event: String): String = event
